export { type Bar } from './bars/bar';
export { DECISION_OUTCOMES, type DecisionOutcome } from './decisions/outcome';
export { ACTIVE_EXECUTION_STATUSES, EXECUTION_STATUSES, type ExecutionStatus } from './executions/status';
export {
  AGENT_TYPES,
  OVERLAP_POLICIES,
  PIPELINE_MODES,
  TRIGGER_MODES,
  type AgentSettings,
  type AgentType,
  type OverlapPolicy,
  type Pipeline,
  type PipelineMode,
  type SignalSubscription,
  type TriggerMode,
} from './pipelines/pipeline';
export { SIGNAL_DIRECTIONS, type Signal, type SignalDirection, type TickerSignal } from './signals/signal';
