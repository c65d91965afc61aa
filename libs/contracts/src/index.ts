export { decodeSignal, decodeSignalRecord } from './decode-signal';
export { ERROR_CODES, type ErrorCode, TriplineError } from './errors';
export { type ExecutionJob, executionJobId, executionJobSchema, PIPELINE_EXECUTIONS_QUEUE } from './jobs';
export { type Permission, PERMISSIONS } from './permissions';
export {
  agentSettingsSchema,
  type PipelineInput,
  pipelineInputSchema,
  scheduleSchema,
  signalRuleSchema,
  signalTypeSchema,
  tickerSchema,
  venueNameSchema,
  watchedTickerSchema,
} from './pipelines';
export { readSignalHead } from './read-signal-head';
export { HISTORY_SOURCE, isReservedSource, MOCK_SOURCE } from './signal-sources';
export { signalTypeLabel } from './signal-type-label';
export {
  DEAD_SIGNAL_REASONS,
  type DeadSignalReason,
  isTooFarAhead,
  MAX_EVENT_AHEAD_MS,
  SIGNAL_SCHEMA_VERSION,
  toSignalMessage,
} from './signals';
export { DISPATCHER_GROUP, type TopicContract, TRADING_SIGNALS_TOPIC } from './topics';
