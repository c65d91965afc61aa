export { createDatabase, type Database, type PoolCounts } from './database/database';
export { createDatabaseConfig, databaseConfigSchema, type DatabaseConfig } from './database/database-config';
export {
  DATABASE_ERROR_TYPES,
  DatabaseUnavailableError,
  DuplicateError,
  InvalidCursorError,
  LeaseLostError,
  ReferencedError,
  VersionConflictError,
  type DatabaseErrorType,
} from './database/errors';
export { type Page, type PageRequest, type Viewer } from './database/page';
export { QUERY_TYPES, type DatabaseObserver, type QueryType } from './database/queryable';
export type * from './decisions/decision-records';
export { createDecisionRepository, type DecisionFilter, type DecisionRepository } from './decisions/decision-repository';
export { createDecisionStore, type DecisionStore } from './decisions/decision-store';
export type * from './executions/execution-records';
export * from './executions/execution-repository';
export * from './executions/execution-store';
export * from './executions/sweep-store';
export { migrate, type MigrateOptions, type MigrateResult } from './migrations/migrate';
export type * from './orders/order-records';
export * from './orders/order-repository';
export * from './orders/resting-order-store';
export * from './pipelines/pipeline-changes';
export type * from './pipelines/pipeline-records';
export * from './pipelines/pipeline-repository';
export * from './pipelines/schedule-store';
export * from './scanners/scanner-repository';
export * from './signals/signal-repository';
export * from './stats/stats-repository';
export { createTestDatabase, type TestDatabase } from './testing/test-database';
export * from './users/user-repository';
