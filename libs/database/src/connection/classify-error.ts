import { DriverError } from './driver-errors';
import { ConcurrentChangeError, type DatabaseErrorType } from './errors';

/** Connection failures that Node.js and pg report without an SQLSTATE. */
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * Prisma's codes for a database that does not answer, accepts no more connections or closed the connection; see its
 * error reference.
 */
const PRISMA_CODES: Readonly<Record<string, DatabaseErrorType>> = {
  P1001: 'connection',
  P1002: 'connection',
  P1008: 'timeout',
  P1017: 'connection',
  P2024: 'pool_exhausted',
  P2034: 'serialization',
  P2037: 'resources',
};
/** Error kinds of Prisma's adapter for connection failures without such a code. */
const ADAPTER_KINDS = new Set([
  'ConnectionClosed',
  'SocketTimeout',
  'DatabaseNotReachable',
  'TooManyConnections',
  'TlsConnectionError',
]);

export interface ClassifiedError {
  readonly type: DatabaseErrorType;
  /** Repeating idempotent work may succeed. */
  readonly retryable: boolean;
  readonly sqlState: string | null;
  readonly constraint: string | null;
}

/** Classifies a failure by class, SQLSTATE or code, never by text. */
export function classifyError(error: unknown): ClassifiedError {
  if (error instanceof ConcurrentChangeError) return classified('serialization', true);
  if (error instanceof DriverError) return classified(error.type, true);
  const code = textField(error, 'code') ?? textField(error, 'errorCode');
  const constraint = textField(error, 'constraint');
  if (code !== null && CONNECTION_CODES.has(code)) return classified('connection', true);
  const prismaType = code === null ? undefined : PRISMA_CODES[code];
  if (prismaType !== undefined) return classified(prismaType, true);
  if (ADAPTER_KINDS.has(textField(fieldOf(error, 'cause'), 'kind') ?? '')) return classified('connection', true);
  if (code === null || !/^[0-9A-Z]{5}$/.test(code)) return classified('query', false);
  return { ...bySqlState(code), sqlState: code, constraint };
}

/** By shape, not by class: errors of Node's net module may come from another realm. */
function textField(error: unknown, name: string): string | null {
  const value = fieldOf(error, name);
  return typeof value === 'string' ? value : null;
}

function fieldOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : null;
}

function bySqlState(code: string): ClassifiedError {
  if (code === '40P01') return classified('deadlock', true);
  if (code.startsWith('40')) return classified('serialization', true);
  if (code.startsWith('08')) return classified('connection', true);
  if (code.startsWith('57P')) return classified('shutdown', true);
  // lock_timeout; statement_timeout and cancel; idle_in_transaction_session_timeout.
  if (code === '55P03' || code === '57014' || code === '25P03') return classified('timeout', true);
  // too_many_connections passes. A full disk or lack of memory may pass too, and the deadline bounds the wait.
  if (code.startsWith('53')) return classified('resources', true);
  if (code.startsWith('23')) return classified('constraint', false);
  return classified('query', false);
}

function classified(type: DatabaseErrorType, retryable: boolean): ClassifiedError {
  return { type, retryable, sqlState: null, constraint: null };
}
