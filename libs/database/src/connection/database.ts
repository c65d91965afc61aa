import { type Pool } from 'pg';

import { classifyError } from './classify-error';
import type { DatabaseConfig } from './database-config';
import { createPool, type Acquired } from './pool';
import { createPrismaClient, type TriplinePrismaClient } from './prisma-client';
import type { DatabaseObserver, Queryable, Row, Statement } from './queryable';
import { retryTransient, type RetryOptions } from './retry';

export interface TransactionOptions extends RetryOptions {
  /** Called after COMMIT was sent, while its answer is pending. If it fails, the COMMIT counts as failed. */
  readonly onCommitSent?: () => Promise<void>;
}

export interface PoolCounts {
  readonly total: number;
  readonly idle: number;
  readonly active: number;
  readonly waiting: number;
  readonly max: number;
}

/** One pool for everything, including Prisma. */
export interface Database extends Queryable {
  readonly name: string;
  readonly config: DatabaseConfig;
  readonly observer: DatabaseObserver;
  /** For repositories only: ordinary queries on the same pool. */
  readonly prisma: TriplinePrismaClient;
  /** Connects once, so that a wrong address fails at start. */
  start(): Promise<void>;
  /** Waits for running statements, then closes. Idempotent. */
  stop(): Promise<void>;
  /**
   * Runs `work` in a transaction and repeats all of it after a transient failure, including a COMMIT without an answer:
   * `work` must be idempotent.
   * @throws DatabaseUnavailableError when it did not succeed before the deadline.
   */
  withTransaction<T>(work: (transaction: Queryable) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Repeats one idempotent statement in the same way; `attempt` counts from 1. */
  retry<T>(work: (attempt: number) => Promise<T>, options?: RetryOptions): Promise<T>;
  poolCounts(): PoolCounts;
  /** Whether the database is reachable and answers. */
  ping(): Promise<void>;
}

const BEGIN: Statement = { text: 'BEGIN' };
const COMMIT: Statement = { text: 'COMMIT' };
const ROLLBACK: Statement = { text: 'ROLLBACK' };
const PING: Statement = { text: 'SELECT 1' };

/** Opens nothing. Connections are opened on `start()` or first use. */
export function createDatabase(config: DatabaseConfig, observer: DatabaseObserver = {}): Database {
  const { pool, acquire } = createPool(config, observer);
  let stopping: Promise<void> | null = null;

  const retry = async <T>(work: (attempt: number) => Promise<T>, options: RetryOptions = {}) =>
    retryTransient(
      async (attempt) => {
        try {
          return await work(attempt);
        } catch (error) {
          report(observer, error);
          throw error;
        }
      },
      { deadlineMs: options.deadlineMs ?? config.retryDeadlineMs, signal: options.signal },
    );

  const database: Database = {
    name: 'database',
    config,
    observer,
    prisma: createPrismaClient(pool, observer),
    start: async () => database.ping(),
    stop: async () => (stopping ??= database.prisma.$disconnect().then(async () => endPool(pool))),
    query: async <R extends Row>(statement: Statement, values?: readonly unknown[]) => {
      const client = await acquire();
      return useOnce(client, async () => client.query<R>(statement, values));
    },
    execute: async (statement, values) => {
      const client = await acquire();
      return useOnce(client, async () => client.execute(statement, values));
    },
    withTransaction: async (work, options) => {
      const startedAt = performance.now();
      return retry(async (attempt) => {
        const result = await runTransaction(await acquire(), work, options?.onCommitSent);
        observer.onTransaction?.({ seconds: (performance.now() - startedAt) / 1000, attempts: attempt });
        return result;
      }, options);
    },
    retry,
    poolCounts: () => ({
      total: pool.totalCount,
      idle: pool.idleCount,
      active: pool.totalCount - pool.idleCount,
      waiting: pool.waitingCount,
      max: config.poolSize,
    }),
    ping: async () => {
      await database.query(PING);
    },
  };
  return database;
}

async function runTransaction<T>(
  client: Acquired,
  work: (transaction: Queryable) => Promise<T>,
  onCommitSent?: TransactionOptions['onCommitSent'],
): Promise<T> {
  return useOnce(client, async () => {
    const transaction = createTransaction(client);
    let result: T;
    try {
      // The first statement of the work does not wait for the answer to BEGIN.
      [, result] = await Promise.all([client.query(BEGIN), work(transaction)]);
      transaction.end();
    } catch (error) {
      transaction.end();
      // If the connection is lost, the server rolls back by itself.
      if (!client.broken()) await client.query(ROLLBACK).catch(() => client.discard());
      throw error;
    }
    await Promise.all([client.query(COMMIT), onCommitSent?.()]);
    return result;
  });
}

/**
 * Sends nothing after the transaction has ended. Of statements sent together, one may fail while the work continues
 * with the answer of another; its next statement would run outside the transaction.
 */
function createTransaction(client: Acquired): Queryable & { end(): void } {
  let ended = false;
  // When one of several statements sent together fails, all later ones fail too. Each of them reports the cause.
  let failure: { readonly cause: unknown } | null = null;
  const run = async <T>(send: () => Promise<T>): Promise<T> => {
    if (ended) throw new Error('the transaction has ended');
    try {
      return await send();
    } catch (error) {
      failure ??= { cause: error };
      throw failure.cause;
    }
  };
  return {
    query: async (statement, values) => run(async () => client.query(statement, values)),
    execute: async (statement, values) => run(async () => client.execute(statement, values)),
    end: () => {
      ended = true;
    },
  };
}

/** A client whose connection failed, or whose statement is unanswered, never returns to the pool. */
async function useOnce<T>(client: Acquired, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { type } = classifyError(error);
    if (type === 'connection' || type === 'timeout' || type === 'shutdown') client.discard();
    throw error;
  } finally {
    client.release();
  }
}

function report(observer: DatabaseObserver, error: unknown): void {
  const asError = error instanceof Error ? error : new Error(String(error), { cause: error });
  observer.onError?.({ type: classifyError(error).type, error: asError });
}

async function endPool(pool: Pool): Promise<void> {
  if (!pool.ending) await pool.end();
}
