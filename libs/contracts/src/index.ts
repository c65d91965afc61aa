export { decodeSignal, decodeSignalRecord, signalFromMessage, type DecodedSignal } from './decode-signal';
export { readSignalHead } from './read-signal-head';
export { ERROR_CODES, TriplineError, type ErrorCode } from './errors';
export { executionJobId, executionJobSchema, PIPELINE_EXECUTIONS_QUEUE, type ExecutionJob } from './jobs';
export {
  agentSettingsSchema,
  pipelineInputSchema,
  scheduleSchema,
  signalRuleSchema,
  signalSubscriptionSchema,
  signalTypeSchema,
  tickerSchema,
  venueNameSchema,
  watchedTickerSchema,
  type PipelineInput,
} from './pipelines';
export { type Permission, PERMISSIONS } from './permissions';
export { HISTORY_SOURCE, isReservedSource, MOCK_SOURCE, RESERVED_SOURCES } from './signal-sources';
export {
  DEAD_SIGNAL_REASONS,
  isTooFarAhead,
  MAX_EVENT_AHEAD_MS,
  SIGNAL_LIMITS,
  SIGNAL_SCHEMA_VERSION,
  signalMessageSchema,
  toSignalMessage,
  type DeadSignalReason,
} from './signals';
export { DISPATCHER_GROUP, TRADING_SIGNALS_TOPIC, type TopicContract } from './topics';
export { signalTypeLabel } from './signal-type-label';
