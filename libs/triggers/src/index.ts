export { EXECUTION_DENIALS, type ExecutionDenial } from './executions/execution-denial';
export { ACTIVE_EXECUTION_STATUSES, EXECUTION_STATUSES, type ExecutionStatus } from './executions/status';
export { isMeantFor, listensToSignals, type Match, pipelineMatches } from './pipelines/match';
export {
  AGENT_TYPES,
  type AgentSettings,
  type AgentType,
  CATCH_UP_POLICIES,
  type CatchUpPolicy,
  OVERLAP_KEYS,
  OVERLAP_POLICIES,
  type OverlapRule,
  type Pipeline,
  PIPELINE_MODES,
  RULE_KINDS,
  type RuleKind,
  type Schedule,
  SIGNAL_AGE_ORIGINS,
  type SignalAgeOrigin,
  type SignalRule,
  type SignalSubscription,
  subscriptionsOf,
  TRIGGER_MODES,
  type TriggerMode,
} from './pipelines/pipeline';
export { isTickerPattern, watchesTicker } from './pipelines/ticker-patterns';
export {
  absenceTriggerIdOf,
  executionIdOf,
  publishedSignalIdOf,
  scheduledTriggerIdOf,
  signalIdOf,
} from './signals/ids';
export type { Signal, SignalHead, TickerSignal } from './signals/signal';
