/**
 * Closed label value sets. They repeat the lists of `domain` and `contracts`, because telemetry depends on nothing of
 * ours; the types of the callers keep the two in step.
 */
export const EXECUTION_STATUS = [
  'pending',
  'running',
  'completed',
  'failed',
  'cancelled',
  'timed_out',
  'skipped',
] as const;

/** What was done with a row of a history file. */
export const HISTORY_ROW_RESULT = [
  'loaded',
  'exact_repeat',
  'conflicting_repeat',
  'contradictory_ohlc',
  'price_not_positive',
  'negative_volume',
  'not_finite',
] as const;

export const TRIGGER_MODE = ['signal', 'periodic', 'manual', 'webhook'] as const;

export const AGENT_TYPE = [
  'market_data',
  'bias',
  'strategy',
  'risk_manager',
  'order_manager',
  'trade_manager',
  'reporting',
] as const;

export const DECISION_OUTCOME = [
  'TRIGGERED',
  'COALESCED',
  'SKIPPED_ACTIVE',
  'SKIPPED_COOLDOWN',
  'SKIPPED_MARKET_CLOSED',
  'SKIPPED_QUOTA',
  'SKIPPED_RISK_HALT',
  'SKIPPED_QUALITY',
  'EXPIRED',
] as const;

/** Why a run that was decided ends as skipped. */
export const RUN_REFUSAL = [
  'signal_too_old',
  'pipeline_inactive',
  'halted_global',
  'halted_user',
  'halted_pipeline',
  'halted_ticker',
  'halted_venue',
  'venue_not_permitted',
  'venue_not_configured',
  'queue_ttl_expired',
  'superseded',
] as const;

/** Why a decision came out as it did; each reason belongs to one outcome. */
export const DECISION_REASON = [
  'trigger_accepted',
  'queued_behind_active',
  'replaced_active',
  'rule_fired',
  'rule_pending',
  'superseded_in_queue',
  'execution_active',
  'queue_full',
  'parallel_limit',
  'cooldown_running',
  'market_closed',
  'market_holiday',
  'quota_per_minute',
  'quota_per_day',
  'quota_active',
  'halted_global',
  'halted_user',
  'halted_pipeline',
  'halted_ticker',
  'halted_venue',
  'quality_below_minimum',
  'quality_unknown',
  'signal_too_old',
  'pipeline_inactive',
  'schedule_missed',
] as const;

export const DEAD_SIGNAL_REASON = [
  'empty',
  'too_large',
  'not_utf8',
  'not_json',
  'not_an_object',
  'too_deep',
  'forbidden_key',
  'unsupported_version',
  'invalid_signal_id',
  'invalid_timestamp',
  'invalid_tickers',
  'invalid_field',
  'event_time_in_future',
  'batch_too_large',
  'process_killer',
] as const;

export const HALT_LEVEL = ['global', 'user', 'pipeline', 'ticker', 'venue'] as const;
export const HALT_MODE = ['reduce_only', 'pause', 'cancel', 'flatten'] as const;

export const OK_OR_ERROR = ['success', 'error'] as const;
export const TELEMETRY_COMPONENTS = ['metrics', 'exposition', 'logging', 'tracing'] as const;
export const BREAKER_STATE = ['closed', 'open', 'half_open'] as const;
/** How a request to the external broker ended; `no_answer`: the outcome is unknown. */
export const BROKER_REQUEST_OUTCOME = ['answered', 'credentials_refused', 'rate_limited', 'no_answer'] as const;
export const ORDER_SIDE = ['buy', 'sell'] as const;
export const ORDER_STATUS = [
  'accepted',
  'filled',
  'partially_filled',
  'rejected',
  'cancelled',
  'expired',
  'failed',
] as const;
export const TRADE_RESULT = ['open', 'win', 'loss', 'breakeven'] as const;
export const SIGNAL_ACTION = ['buy', 'sell', 'hold', 'long', 'short', 'exit', 'bullish', 'bearish', 'neutral'] as const;
export const CACHE_LAYER = ['l1_memory', 'l2_redis'] as const;
export const CACHE_OPERATION = ['get', 'set', 'delete', 'clear'] as const;
export const CACHE_STATUS = ['hit', 'miss', 'success', 'error'] as const;
export const QUERY_TYPE = ['select', 'insert', 'update', 'delete', 'transaction', 'listen', 'ddl', 'other'] as const;
export const POOL_STATE = ['total', 'idle', 'in_use', 'waiting', 'max'] as const;
export const QUEUE_STATE = [
  'waiting',
  'prioritized',
  'delayed',
  'active',
  'completed',
  'failed',
  'paused',
  'waiting-children',
] as const;
/** Typed as text, for it is compared with what requests bring; values outside of the list become `other`. */
export const HTTP_METHOD: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'];
