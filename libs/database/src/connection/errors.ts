/** Why a statement or a connection failed: the closed value set of the metric label `error_type`. */
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

/** The lease was taken over or the execution has ended. Nothing was written. */
export class LeaseLostError extends Error {
  readonly executionId: string;

  constructor(executionId: string) {
    super('the lease of the execution is lost');
    this.name = 'LeaseLostError';
    this.executionId = executionId;
  }
}

/** A unique value is already in use; `constraint` names the index. */
export class DuplicateError extends Error {
  readonly constraint: string;

  constructor(constraint: string, options?: ErrorOptions) {
    super(`a row with this value already exists (${constraint})`, options);
    this.name = 'DuplicateError';
    this.constraint = constraint;
  }
}

/** The user has reached a limit. Nothing was written. */
export class LimitReachedError extends Error {
  /** The limited resource, e.g. `wildcard_pipelines`. */
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
    super(`the row was changed; its current version is ${currentVersion}`);
    this.name = 'VersionConflictError';
    this.currentVersion = currentVersion;
  }
}

/** The row is in use, or references a missing row. */
export class ReferencedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ReferencedError';
  }
}

/** A page cursor that this API did not issue. */
export class InvalidCursorError extends Error {
  constructor() {
    super('invalid cursor');
    this.name = 'InvalidCursorError';
  }
}

/** The state read under the lock and the rows written disagree. The transaction is repeated. */
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
  /** Every record before this offset was decided. */
  readonly nextOffset: bigint;

  constructor(epoch: number, nextOffset: bigint) {
    super(
      `records up to offset ${nextOffset} were decided, but the log ends before that offset: topic truncated or recreated`,
    );
    this.name = 'LogTruncatedError';
    this.epoch = epoch;
    this.nextOffset = nextOffset;
  }
}

/** The database could not be reached before the deadline; `cause` is the last error. */
export class DatabaseUnavailableError extends Error {
  readonly attempts: number;

  constructor(attempts: number, options: ErrorOptions) {
    super(`the database did not answer after ${attempts} attempts`, options);
    this.name = 'DatabaseUnavailableError';
    this.attempts = attempts;
  }
}

/** The whole statement was retried until the deadline: no single item is to blame. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof Error && error.name === 'DatabaseUnavailableError';
}
