export type { ClaimResult } from './executions/claim-runs';
export type {
  AccountState,
  ClaimedExecution,
  DeniedStart,
  DueExecution,
  ExecutionRecord,
  IntentRecord,
  Lease,
  StepRecord,
} from './executions/execution-records';
export {
  createExecutionRepository,
  type ExecutionDetail,
  type ExecutionRepository,
} from './executions/execution-repository';
export { createExecutionStore, type ExecutionStore } from './executions/execution-store';
export type { Checkpoint, Ending, EndingResult, FinalStatus, OrderEnding } from './executions/execution-writes';
export { createSweepStore, type SweepLimits, type SweepResult, type SweepStore } from './executions/sweep-store';
export {
  createStatsRepository,
  type ExecutionTotals,
  type StatsRepository,
  type SystemStats,
} from './stats/stats-repository';
