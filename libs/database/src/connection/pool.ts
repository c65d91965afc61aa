import { coalesceWrites } from '@tripline/runtime';
import { Socket } from 'node:net';
import { type ClientConfig, Pool, type PoolClient, type QueryConfig, type QueryResult, types } from 'pg';

import { classifyError } from './classify-error';
import { driverErrorOf } from './driver-errors';
import type { DatabaseConfig } from './database-config';
import { type DatabaseObserver, type Queryable, queryTypeOf, type Row, type Statement } from './queryable';

/** A connection taken from the pool. */
export interface Acquired extends Queryable {
  /** Its connection failed while it was checked out. */
  broken(): boolean;
  /** Closes it instead of returning it. */
  discard(): void;
  release(): void;
}

const INT8_OID = 20;
/** Our counters and offsets stay far below 2^53. Where they might not, SQL casts to text. */
const parseInt8 = (text: string): number => Number(text);

/**
 * For pools whose statements all look rows up by key. A prepared statement keeps the plan of its first uses. A plan
 * made while a table was nearly empty reads the whole table, which becomes very slow as the table grows, until
 * autovacuum has analysed it. With these options the planner reads a whole table only where no index can be used
 * (PostgreSQL never rules that out completely).
 */
const LOOKUP_OPTIONS = ['enable_seqscan=off', 'enable_hashjoin=off', 'enable_mergejoin=off', 'jit=off'];

function sessionOptions({ planner, planCacheMode }: DatabaseConfig): string {
  const options = [...(planner === 'lookups' ? LOOKUP_OPTIONS : []), `plan_cache_mode=${planCacheMode}`];
  return options.map((option) => `-c ${option}`).join(' ');
}

/** Options of every connection. */
export function connectionOptions(config: DatabaseConfig): ClientConfig {
  const { ssl } = config;
  return {
    connectionString: config.url.reveal(),
    ssl:
      ssl === false
        ? undefined
        : { rejectUnauthorized: ssl.rejectUnauthorized, ...(ssl.ca === undefined ? {} : { ca: ssl.ca }) },
    connectionTimeoutMillis: config.connectTimeoutMs,
    query_timeout: config.queryTimeoutMs,
    statement_timeout: config.statementTimeoutMs,
    lock_timeout: config.lockTimeoutMs,
    idle_in_transaction_session_timeout: config.idleInTransactionTimeoutMs,
    keepAlive: true,
    // Statements that do not wait for each other's answers are sent together, in one system call.
    pipeline: true,
    stream: createSocket,
    options: sessionOptions(config),
    application_name: config.applicationName,
  };
}

function createSocket(): Socket {
  const socket = new Socket();
  return socket.once('connect', () => coalesceWrites(socket));
}

/** A pool that bounds every wait and never turns a lost connection into an uncaught error. */
export function createPool(
  config: DatabaseConfig,
  observer: DatabaseObserver,
): { pool: Pool; acquire: () => Promise<Acquired> } {
  const pool = new Pool({ ...connectionOptions(config), max: config.poolSize, idleTimeoutMillis: 30_000 });
  pool.on('error', (error) => observer.onError?.({ type: classifyError(driverErrorOf(error)).type, error }));
  // A connection that dies while it is checked out notifies the client, not the pool. Without a listener there the
  // process exits. Nothing to do here: the statement running on it fails too, and that is reported.
  pool.on('connect', (client) => client.on('error', () => undefined));

  const acquire = async (): Promise<Acquired> => {
    const startedAt = performance.now();
    try {
      const client = await pool.connect();
      observer.onAcquire?.({ seconds: (performance.now() - startedAt) / 1000, timedOut: false });
      return acquired(client, observer);
    } catch (thrown) {
      const error = driverErrorOf(thrown);
      const timedOut = classifyError(error).type === 'pool_exhausted';
      observer.onAcquire?.({ seconds: (performance.now() - startedAt) / 1000, timedOut });
      throw error;
    }
  };
  return { pool, acquire };
}

function acquired(client: PoolClient, observer: DatabaseObserver): Acquired {
  let broken = false;
  let discarded = false;
  const onError = (): void => {
    broken = true;
  };
  client.on('error', onError);
  return {
    broken: () => broken,
    discard: () => {
      discarded = true;
    },
    release: () => {
      client.removeListener('error', onError);
      client.release(broken || discarded);
    },
    query: async <R extends Row>(statement: Statement, values?: readonly unknown[]) =>
      (await run<R>(client, observer, statement, values)).rows,
    execute: async (statement, values) => (await run(client, observer, statement, values)).rowCount ?? 0,
  };
}

async function run<R extends Row>(
  client: PoolClient,
  observer: DatabaseObserver,
  statement: Statement,
  values: readonly unknown[] = [],
): Promise<QueryResult<R>> {
  const startedAt = performance.now();
  let status: 'success' | 'error' = 'error';
  try {
    const result = await answerOf<R>(client, {
      ...statement,
      values: [...values],
      types: { getTypeParser: typeParserOf },
    });
    status = 'success';
    return result;
  } catch (thrown) {
    const error = driverErrorOf(thrown);
    // Captures the stack of the caller instead of the socket callback.
    if (error instanceof Error) Error.captureStackTrace(error);
    throw error;
  } finally {
    const seconds = (performance.now() - startedAt) / 1000;
    observer.onQuery?.({ type: queryTypeOf(statement.text), status, seconds });
  }
}

/**
 * Uses callbacks: the promises of pg itself (8.23) reference each other, so the rows of an answer stay in memory until
 * the next full collection.
 */
const answerOf = async <R extends Row>(client: PoolClient, query: QueryConfig): Promise<QueryResult<R>> =>
  new Promise((resolve, reject) => {
    client.query<R>(query, (error: Error | null, result) => (error ? reject(error) : resolve(result)));
  });

const typeParserOf: typeof types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === INT8_OID && format !== 'binary' ? parseInt8 : types.getTypeParser(oid, format as 'text');
