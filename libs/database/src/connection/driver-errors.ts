import type { DatabaseErrorType } from './errors';

/**
 * Failures that pg reports without a class or code: these are their complete texts (pg 8.23, pg-pool 3). Only this file
 * reads them. Every error of the driver passes through `driverErrorOf` at the driver call.
 */
const TYPES_BY_TEXT: ReadonlyMap<
  string,
  Extract<DatabaseErrorType, 'connection' | 'timeout' | 'pool_exhausted'>
> = new Map([
  ['Connection terminated', 'connection'],
  ['Connection terminated unexpectedly', 'connection'],
  ['Connection terminated due to connection timeout', 'connection'],
  ['Client has encountered a connection error and is not queryable', 'connection'],
  ['Client was closed and is not queryable', 'connection'],
  ['The client was closed', 'connection'],
  ['timeout expired', 'connection'],
  ['Query read timeout', 'timeout'],
  ['timeout exceeded when trying to connect', 'pool_exhausted'],
]);

/**
 * A failure that pg reports by text only: a lost connection, an unanswered statement, or a pool without a free
 * connection.
 */
export class DriverError extends Error {
  readonly type: 'connection' | 'timeout' | 'pool_exhausted';

  constructor(type: DriverError['type'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DriverError';
    this.type = type;
  }
}

/** The error as a `DriverError` if pg gave it no code; any other error unchanged. */
export function driverErrorOf(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DriverError) return error;
  const type = TYPES_BY_TEXT.get(error.message); // eslint-disable-line no-restricted-syntax -- pg gives nothing but the text
  return type === undefined ? error : new DriverError(type, error.message, { cause: error });
}
