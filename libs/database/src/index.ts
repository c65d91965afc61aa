export { type Answer, createBatcher } from './connection/batcher';
export { type ChannelListener, listenToChannel } from './connection/channel-listener';
export { classifyError } from './connection/classify-error';
export { createDatabaseConfig, type DatabaseConfig, databaseConfigSchema } from './connection/database-config';
export { createDatabase, type Database } from './connection/database';
export {
  ConcurrentChangeError,
  type DatabaseErrorType,
  DatabaseUnavailableError,
  DuplicateError,
  InvalidCursorError,
  isUnavailable,
  LeaseLostError,
  LimitReachedError,
  LogTruncatedError,
  ReferencedError,
  VersionConflictError,
} from './connection/errors';
export { jsonParameter } from './connection/json-parameter';
export { jsonArray, plainArray, textArray } from './connection/pg-array';
export { withConstraintErrors } from './connection/prisma-errors';
export type { DatabaseObserver, LeasedWrite, Queryable, Row, Statement } from './connection/queryable';
export { sqlList } from './connection/sql-list';
export { type FillRow, type OrderRow, type PositionRow, Prisma, type Scanner, type User } from './generated/client';
