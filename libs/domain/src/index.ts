export { AGENT_RATES, COST_DECIMALS, costOf, totalCost } from './agents/agent-cost';
export {
  BIASES,
  ORDER_ACTIONS,
  STOP_REASONS,
  type AgentContinue,
  type AgentResult,
  type AgentStop,
  type Bias,
  type BiasOutput,
  type MarketDataOutput,
  type OrderAction,
  type OrderManagerOutput,
  type RiskManagerOutput,
  type StopReason,
  type StrategyOutput,
} from './agents/agent-result';
export { runBias, type BiasInput } from './agents/bias';
export { barsToRead, requiredBars, runMarketData, type MarketDataInput } from './agents/market-data';
export { clientOrderIdOf, ORDER_STEP, planOrder, type OrderManagerInput } from './agents/order-manager';
export { runRiskManager, type RiskManagerInput } from './agents/risk-manager';
export { runStrategy, type StrategyInput } from './agents/strategy';
export { type Bar } from './bars/bar';
export { BarHistory, type BarReader } from './bars/bar-history';
export { BarParseError } from './bars/bar-parse-error';
export { barProblem, dataQualityOf, type BarSeries, type RejectedRow } from './bars/bar-series';
export { createMockBars, type MockBarOptions, type MockBars } from './bars/mock-bars';
export { parseOhlcvCsv, type ParseOhlcvOptions } from './bars/parse-ohlcv-csv';
export { inferTimeframe, parseTimeframe, timeframeLabelOf, type Timeframe } from './bars/timeframe';
export type { MarketCalendar, MarketState } from './calendars/market-calendar';
export { MARKET_CALENDARS, marketCalendar, type MarketCalendarId } from './calendars/market-calendars';
export { nextMarketTime, parseMarketTime, type MarketTime } from './calendars/market-time';
export type { TradingSession } from './calendars/session-table';
export { decide, type DecisionContext, type MarketView, type RuleVerdict } from './decisions/decide';
export {
  applyPlan,
  decideAll,
  initialPipelineState,
  type DecideAllOptions,
  type DecidedSequence,
  type UserLimits,
} from './decisions/decide-all';
export type {
  ActiveRun,
  DecidedTrigger,
  Decision,
  DecisionDetail,
  DetailValue,
  NewRun,
  PendingTrigger,
  PipelineState,
  RunEnd,
  RunPlan,
  Trigger,
} from './decisions/decision';
export { calendarView } from './decisions/market-view';
export { DECISION_OUTCOMES, type DecisionOutcome } from './decisions/outcome';
export { overlapKeyOf, resolveOverlap, type OverlapAnswer } from './decisions/overlap';
export { checkQuota, type QuotaAnswer, type UsageChange, type UserQuota, type UserUsage } from './decisions/quota';
export { DECISION_REASONS, REASONS_BY_OUTCOME, type DecisionReason } from './decisions/reasons';
export { signalTrigger } from './decisions/signal-trigger';
export { isTooOld, signalAgeMs, type SignalTimes } from './decisions/signal-age';
export { RUN_REFUSALS, type RunRefusal } from './executions/run-refusal';
export { ACTIVE_EXECUTION_STATUSES, EXECUTION_STATUSES, type ExecutionStatus } from './executions/status';
export {
  createGenerators,
  GENERATED_SIGNAL_TYPES,
  GENERATOR_NAMES,
  type GeneratorName,
  type GeneratorOptions,
} from './generators/create-generators';
export { GENERATOR_VERSION, type GeneratedSignal, type SignalGenerator } from './generators/signal-generator';
export {
  HALT_LEVELS,
  HALT_MODES,
  haltOn,
  haltReason,
  refusesEverything,
  type Halt,
  type HaltLevel,
  type HaltMode,
  type HaltSubject,
} from './halts/halt';
export { Atr, TrueRange, type RangeInput } from './indicators/atr';
export { BollingerBands, type BollingerValue } from './indicators/bollinger-bands';
export { Donchian, type DonchianValue } from './indicators/donchian';
export { Ema } from './indicators/ema';
export { type Indicator } from './indicators/indicator';
export { Macd, type MacdValue } from './indicators/macd';
export { Rsi } from './indicators/rsi';
export { Sma } from './indicators/sma';
export { StandardDeviation } from './indicators/standard-deviation';
export { VolumeStats, type VolumeStatsValue } from './indicators/volume-stats';
export { MatchIndex } from './matching/match-index';
export { pipelineMatches, type Match } from './matching/match';
export { NEAR_MISS_REASONS, type NearMiss, type NearMissReason } from './matching/near-misses';
export { isTickerPattern, watchesTicker } from './matching/ticker-patterns';
export { Decimal, toDecimal, toDecimalString, type DecimalString } from './money/decimal';
export { feeOf, fillMarketOrder } from './orders/fill-market-order';
export {
  DEFAULT_FEE_MODEL,
  OPEN_ORDER_STATUSES,
  ORDER_SIDES,
  ORDER_STATUSES,
  ORDER_TYPES,
  type FeeModel,
  type Fill,
  type Order,
  type OrderIntent,
  type OrderSide,
  type OrderStatus,
  type OrderType,
} from './orders/order';
export { acceptOrder, applyFillToOrder } from './orders/order-state';
export {
  AGENT_TYPES,
  CATCH_UP_POLICIES,
  MARKET_SESSIONS,
  OVERLAP_KEYS,
  OVERLAP_POLICIES,
  PIPELINE_MODES,
  RULE_KINDS,
  SIGNAL_AGE_ORIGINS,
  TRIGGER_MODES,
  wishesOf,
  type AgentSettings,
  type AgentType,
  type CatchUpPolicy,
  type MarketSession,
  type OverlapKey,
  type OverlapPolicy,
  type OverlapRule,
  type Pipeline,
  type PipelineMode,
  type RuleKind,
  type Schedule,
  type SignalAgeOrigin,
  type SignalRule,
  type SignalSubscription,
  type TriggerMode,
} from './pipelines/pipeline';
export { createPartSharing } from './pipelines/share-parts';
export { accountEquity, applyFillToCash, INITIAL_PAPER_CASH } from './positions/account';
export { applyFill, flatPosition, marketValue, unrealisedPnl } from './positions/apply-fill';
export { type AppliedFill, type Position } from './positions/position';
export { ABSENCE_GRACE_MS, dueAt } from './rules/absence';
export { countTrigger, expireTicker, noteRefused, type RuleMemory } from './rules/rule-session';
export { EMPTY_RULE_STATE, type RuleState } from './rules/rule-state';
export {
  absenceTriggerIdOf,
  executionIdOf,
  scheduledTriggerIdOf,
  signalIdOf,
  type SignalIdentity,
} from './signals/ids';
export {
  SIGNAL_DIRECTIONS,
  type Signal,
  type SignalDirection,
  type SignalHead,
  type TickerSignal,
} from './signals/signal';
export {
  diffDecisions,
  DIFFERENCE_KINDS,
  type DecisionDiff,
  type DiffContext,
  type Difference,
  type RecordedDecision,
} from './simulation/diff-decisions';
export {
  Simulation,
  type RecordedSignal,
  type SimulatedDecision,
  type SimulationOptions,
} from './simulation/simulation';
export { SimulationSummary } from './simulation/simulation-summary';
