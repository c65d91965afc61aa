export { decideAll, type UserLimits } from './decide-all';
export { decide, type DecisionContext, type RuleVerdict } from './decide';
export type {
  ActiveRun,
  DecidedTrigger,
  Decision,
  DecisionDetail,
  NewRun,
  PipelineState,
  RunEnd,
  Trigger,
} from './decision';
export { calendarView } from './market-view';
export { DECISION_OUTCOMES, type DecisionOutcome } from './outcome';
export type { UserQuota, UserUsage } from './quota';
export { DECISION_REASONS, type DecisionReason, REASONS_BY_OUTCOME } from './reasons';
export { ABSENCE_GRACE_MS, dueAt } from './rules/absence';
export { countTrigger, expireTicker, noteDenied } from './rules/rule-session';
export { EMPTY_RULE_STATE, type RuleState } from './rules/rule-state';
export { signalTrigger } from './signal-trigger';
export {
  type DecisionDiff,
  diffDecisions,
  type Difference,
  DIFFERENCE_KINDS,
  type RecordedDecision,
} from './simulation/diff-decisions';
export { SimulationSummary } from './simulation/simulation-summary';
export { type RecordedSignal, type SimulatedDecision, Simulation } from './simulation/simulation';
