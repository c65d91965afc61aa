export { classifyError } from './database/classify-error';
export { createDatabase, type Database, type PoolCounts } from './database/database';
export { createDatabaseConfig, databaseConfigSchema, type DatabaseConfig } from './database/database-config';
export {
  DATABASE_ERROR_TYPES,
  DatabaseUnavailableError,
  DuplicateError,
  InvalidCursorError,
  LeaseLostError,
  LogShorterError,
  ReferencedError,
  VersionConflictError,
  type DatabaseErrorType,
} from './database/errors';
export { type Page, type PageRequest, type Viewer } from './database/page';
export { QUERY_TYPES, type DatabaseObserver, type Queryable, type QueryType } from './database/queryable';
export type {
  ChunkCounts,
  ChunkMatch,
  ChunkRecord,
  ChunkResult,
  CreatedExecution,
  DeadRecord,
  DecisionChunk,
  DirectTrigger,
  LedgerEntry,
  TriggerResult,
} from './decisions/decision-records';
export {
  createDecisionRepository,
  type DecisionFilter,
  type DecisionRepository,
} from './decisions/decision-repository';
export { createDecisionStore, type DecisionStore } from './decisions/decision-store';
export { createLedgerRetention, type LedgerRetention, type PurgeResult } from './decisions/ledger-retention';
export {
  INTENT_STATES,
  type AccountState,
  type ClaimedExecution,
  type DueExecution,
  type ExecutionRecord,
  type IntentRecord,
  type IntentState,
  type Lease,
  type RefusedStart,
  type StepRecord,
} from './executions/execution-records';
export {
  createExecutionRepository,
  type ExecutionDetail,
  type ExecutionFilter,
  type ExecutionRepository,
} from './executions/execution-repository';
export type { ClaimResult } from './executions/claim-runs';
export { createExecutionStore, type ExecutionStore, type ExecutionStoreOptions } from './executions/execution-store';
export type {
  Checkpoint,
  CheckpointResult,
  ClaimOptions,
  Ending,
  EndingResult,
  FinalStatus,
  OrderEnding,
  OrderGuard,
} from './executions/execution-writes';
export {
  createSweepStore,
  REQUEUE_CAUSES,
  type RequeueCause,
  type SweepLimits,
  type SweepResult,
  type SweepStore,
} from './executions/sweep-store';
export { dropDatabase } from './migrations/ensure-database';
export { migrate, MigrationError, type MigrateOptions, type MigrateResult } from './migrations/migrate';
export {
  NEAR_MISSES_PER_PIPELINE,
  type NearMissDetail,
  type NearMissRecord,
  type WhyEntry,
} from './near-misses/near-miss-records';
export { createNearMissStore, type NearMissStore } from './near-misses/near-miss-store';
export { createWhyRepository, type WhyFilter, type WhyRepository } from './near-misses/why-repository';
export type { AccountRecord, FillRecord, OrderRecord, PositionRecord } from './orders/order-records';
export { loadHaltFigures, type HaltFigures } from './halts/halt-figures';
export type { EngagedHalt, HaltFilter, HaltRecord, NewHalt } from './halts/halt-records';
export { createHaltStore, type HaltStore } from './halts/halt-store';
export { createIntentStore, type IntentStore, type OpenIntent } from './orders/intent-store';
export { createOrderRepository, type OrderFilter, type OrderRepository } from './orders/order-repository';
export { createRestingOrderStore, type RestingOrderStore } from './orders/resting-order-store';
export { listenForPipelineChanges, type PipelineChangeListener } from './pipelines/pipeline-changes';
export type {
  DueSchedule,
  PipelineDefinition,
  PipelineRecord,
  PipelineVersionKey,
  PipelineVersionRecord,
} from './pipelines/pipeline-records';
export {
  createPipelineRepository,
  type PipelineFilter,
  type PipelineRepository,
} from './pipelines/pipeline-repository';
export { createScheduleStore, type ScheduleStore } from './pipelines/schedule-store';
export {
  createWebhookRepository,
  type WebhookRecord,
  type WebhookRepository,
  type WebhookSecretRecord,
} from './pipelines/webhook-repository';
export { createReplayStore, type ReplayStore } from './replays/replay-store';
export { MAX_RULE_TICKERS } from './rules/rule-states';
export { createRuleStore, type FiredRules, type RuleStore } from './rules/rule-store';
export {
  createScannerRepository,
  type ScannerInput,
  type ScannerRecord,
  type ScannerRepository,
} from './scanners/scanner-repository';
export { createChunkGuardStore, type ChunkGuard, type ChunkGuardStore } from './signals/chunk-guard-store';
export {
  createSignalRepository,
  type DeadSignalRecord,
  type ProgressRecord,
  type SignalFilter,
  type SignalRecord,
  type SignalRepository,
} from './signals/signal-repository';
export { createSimulationStore, type LogRange, type SimulationStore } from './simulations/simulation-store';
export {
  createStatsRepository,
  type ExecutionTotals,
  type RunTotals,
  type StatsRepository,
  type SystemStats,
} from './stats/stats-repository';
export { createTestDatabase, type TestDatabase } from './testing/test-database';
export {
  createQuotaRepository,
  type QuotaLimits,
  type QuotaRecord,
  type QuotaRepository,
} from './users/quota-repository';
export {
  createUserRepository,
  type NewUser,
  type UserCredentials,
  type UserRecord,
  type UserRepository,
  type UserRole,
} from './users/user-repository';
