import type { DecimalString, OrderIntent, OrderSide } from '@tripline/trading';
import type { AgentType } from '@tripline/triggers';

/** Why an agent ends an execution without an order; the closed list behind a step's `reason`. */
export const STOP_REASONS = [
  'market_data_missing',
  'market_data_stale',
  'insufficient_history',
  'bias_neutral',
  'no_volatility',
  'levels_not_positive',
  'short_not_allowed',
  'position_limit',
  'size_too_small',
  'no_equity',
] as const;
export type StopReason = (typeof STOP_REASONS)[number];

interface AgentResultBase {
  readonly agent: AgentType;
  /** USD, from the rates in `costOf`. */
  readonly cost: DecimalString;
}

export interface AgentContinue<Output> extends AgentResultBase {
  readonly status: 'continue';
  readonly output: Output;
}

export interface AgentStop<Output> extends AgentResultBase {
  readonly status: 'stop';
  readonly reason: StopReason;
  /** One sentence for the trader, with the values behind it. */
  readonly message: string;
  /** The output so far; null when the agent stopped before producing any. */
  readonly output: Output | null;
}

/** Result of one agent: plain JSON with decimals as strings, so a stored step reads back unchanged. */
export type AgentResult<Output> = AgentContinue<Output> | AgentStop<Output>;

/** What was read. The bars are not stored, because they are a pure function of (ticker, as of). */
export interface MarketDataOutput {
  readonly ticker: string;
  /** Event time, epoch ms. */
  readonly asOf: number;
  readonly barsRead: number;
  readonly barsRequired: number;
  readonly timeframeMs: number;
  readonly firstBarStart: number;
  readonly lastBarEnd: number;
  readonly lastClose: DecimalString;
}

export const BIASES = ['LONG', 'SHORT', 'NEUTRAL'] as const;
export type Bias = (typeof BIASES)[number];

export interface BiasOutput {
  readonly bias: Bias;
  /** -100 (short) .. 100 (long). */
  readonly score: number;
  /** The three parts, each -1..1 before weighting. */
  readonly trend: number;
  readonly slope: number;
  readonly signal: number;
  readonly fastAverage: number;
  readonly slowAverage: number;
}

export interface StrategyOutput {
  readonly side: Exclude<Bias, 'NEUTRAL'>;
  readonly entryPrice: DecimalString;
  readonly stopPrice: DecimalString;
  readonly targetPrice: DecimalString;
  readonly stopDistance: DecimalString;
  /** Binary64 indicator value. */
  readonly atr: number;
}

export const ORDER_ACTIONS = ['open', 'increase', 'close', 'flip'] as const;
export type OrderAction = (typeof ORDER_ACTIONS)[number];

export interface RiskManagerOutput {
  readonly side: OrderSide;
  readonly quantity: DecimalString;
  readonly action: OrderAction;
  /** Signed position after a complete fill. */
  readonly positionAfter: DecimalString;
  readonly equity: DecimalString;
  /** Loss of the new exposure at the stop, USD; 0 when only closing. */
  readonly riskAmount: DecimalString;
  /** Quantity at the entry price, USD. */
  readonly notional: DecimalString;
  /** Which limit set the size. */
  readonly limitedBy: 'risk' | 'max_position' | 'cash' | 'closing_only';
}

export interface OrderManagerOutput {
  readonly intent: OrderIntent;
}
