/** Why a statement or a connection failed; the closed value set of the metric label `error_type`. */
export const DATABASE_ERROR_TYPES = [
  'connection',
  'timeout',
  'pool_exhausted',
  'serialization',
  'deadlock',
  'constraint',
  'shutdown',
  'resources',
  'query',
] as const;
export type DatabaseErrorType = (typeof DATABASE_ERROR_TYPES)[number];

/** The lease was taken over or the run has ended: nothing was written. */
export class LeaseLostError extends Error {
  readonly executionId: string;

  constructor(executionId: string) {
    super('the lease of the execution is lost');
    this.name = 'LeaseLostError';
    this.executionId = executionId;
  }
}

/** A unique value is taken; `constraint` names the index. */
export class DuplicateError extends Error {
  readonly constraint: string;

  constructor(constraint: string, options?: ErrorOptions) {
    super(`a row with this value exists (${constraint})`, options);
    this.name = 'DuplicateError';
    this.constraint = constraint;
  }
}

/** The user owns as many as are allowed. Nothing was written. */
export class LimitReachedError extends Error {
  /** What there are too many of, e.g. `wildcard_pipelines`. */
  readonly resource: string;
  readonly limit: number;

  constructor(resource: string, limit: number) {
    super(`the limit of ${limit} ${resource} per user is reached`);
    this.name = 'LimitReachedError';
    this.resource = resource;
    this.limit = limit;
  }
}

/** The row was changed since it was read. */
export class VersionConflictError extends Error {
  readonly currentVersion: number;

  constructor(currentVersion: number) {
    super(`the row is at version ${currentVersion} by now`);
    this.name = 'VersionConflictError';
    this.currentVersion = currentVersion;
  }
}

/** The row is in use, or names one that is not there. */
export class ReferencedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ReferencedError';
  }
}

/** A page cursor that was not made by us. */
export class InvalidCursorError extends Error {
  constructor() {
    super('the cursor cannot be read');
    this.name = 'InvalidCursorError';
  }
}

/** The state read under the lock and the rows written disagree; the transaction is repeated. */
export class ConcurrentChangeError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConcurrentChangeError';
  }
}

/** The log ends before the progress of the partition: a stale fetch, or the topic was truncated or recreated. Nothing was written. */
export class LogTruncatedError extends Error {
  /** The partition's current epoch. */
  readonly epoch: number;
  /** Everything before it was decided. */
  readonly nextOffset: bigint;

  constructor(epoch: number, nextOffset: bigint) {
    super(`everything before offset ${nextOffset} was decided, and the log ends before it`);
    this.name = 'LogTruncatedError';
    this.epoch = epoch;
    this.nextOffset = nextOffset;
  }
}

/** The database could not be reached until the deadline; `cause` is the last error. */
export class DatabaseUnavailableError extends Error {
  readonly attempts: number;

  constructor(attempts: number, options: ErrorOptions) {
    super(`the database did not answer after ${attempts} attempts`, options);
    this.name = 'DatabaseUnavailableError';
    this.attempts = attempts;
  }
}

/** The whole statement was tried until the deadline: no single item is to blame. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof Error && error.name === 'DatabaseUnavailableError';
}
