import type { Pool, PoolClient, QueryResultRow } from 'pg';

import type { DatabaseConfig } from './database-config';
import type { DatabaseErrorType } from './errors';

export type QueryType = 'select' | 'insert' | 'update' | 'delete' | 'transaction' | 'other';

/** Callbacks a service passes in to count; none of them may throw. */
export interface DatabaseObserver {
  onQuery?(event: { readonly type: QueryType; readonly status: 'success' | 'error'; readonly seconds: number }): void;
  onTransaction?(event: { readonly seconds: number; readonly attempts: number }): void;
  onAcquire?(event: { readonly seconds: number; readonly timedOut: boolean }): void;
  onError?(event: { readonly type: DatabaseErrorType; readonly error: Error }): void;
  /** A zombie worker's write was refused. */
  onLeaseLost?(event: { readonly operation: string }): void;
}

export interface PoolCounts {
  readonly total: number;
  readonly idle: number;
  readonly active: number;
  readonly waiting: number;
  readonly max: number;
}

/** A parameterised statement; a name makes it prepared on each connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
}

export interface Queryable {
  query<Row extends QueryResultRow>(statement: Statement, values?: readonly unknown[]): Promise<readonly Row[]>;
}

export interface RetryOptions {
  /** Give up after so long; default `retryDeadlineMs` of the configuration. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** One pool for everything, Prisma included. */
export interface Database extends Queryable {
  readonly name: string;
  readonly config: DatabaseConfig;
  /** Connects once, so that a wrong address is known at start. */
  start(): Promise<void>;
  /** Waits for running statements, then closes. Idempotent. */
  stop(): Promise<void>;
  /**
   * Runs `work` in a transaction and repeats the whole of it after a failure that may pass, a COMMIT without an answer
   * included: `work` must be idempotent.
   */
  withTransaction<T>(work: (transaction: Queryable) => Promise<T>, options?: RetryOptions): Promise<T>;
  /** Repeats one idempotent statement the same way. */
  retry<T>(work: () => Promise<T>, options?: RetryOptions): Promise<T>;
  poolCounts(): PoolCounts;
  /** Reachable within the connection timeout? */
  ping(): Promise<void>;
  readonly observer: DatabaseObserver;
  readonly pool: Pool;
}

export type { PoolClient };
export declare function createDatabase(config: DatabaseConfig, observer?: DatabaseObserver): Database;
