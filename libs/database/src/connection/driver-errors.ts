import type { DatabaseErrorType } from './errors';

/**
 * What pg reports with neither a class nor a code: these are its whole texts (pg 8.23, pg-pool 3). This is the only place that
 * reads them. Everything the driver throws passes through `driverErrorOf` where the driver is called.
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

/** A failure that pg reports by text only: a lost connection, a statement without an answer, a pool without a free connection. */
export class DriverError extends Error {
  readonly type: 'connection' | 'timeout' | 'pool_exhausted';

  constructor(type: DriverError['type'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DriverError';
    this.type = type;
  }
}

/** The error as a `DriverError` if pg gave it no code; any other error as it is. */
export function driverErrorOf(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DriverError) return error;
  const type = TYPES_BY_TEXT.get(error.message); // eslint-disable-line no-restricted-syntax -- pg gives nothing but the text
  return type === undefined ? error : new DriverError(type, error.message, { cause: error });
}
