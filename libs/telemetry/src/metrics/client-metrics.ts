import type { Metrics } from './metrics';

type QueryKind = 'select' | 'insert' | 'update' | 'delete' | 'transaction' | 'other';

/** Callbacks that count what a database client does; the shape `createDatabase` of the persistence lib asks for. */
export interface DatabaseMetrics {
  onQuery(event: { readonly type: QueryKind; readonly status: 'success' | 'error'; readonly seconds: number }): void;
  onTransaction(event: { readonly seconds: number }): void;
  onAcquire(event: { readonly seconds: number; readonly timedOut: boolean }): void;
  onError(event: { readonly type: string }): void;
}

/** Counts into the `database_*` families. */
export function createDatabaseMetrics(metrics: Metrics): DatabaseMetrics {
  const queries = metrics.counter('database_queries_total');
  const duration = metrics.histogram('database_query_duration_seconds');
  const transactions = metrics.histogram('database_transaction_duration_seconds');
  const acquire = metrics.histogram('database_pool_acquire_duration_seconds');
  const timeouts = metrics.counter('database_pool_acquire_timeouts_total');
  const errors = metrics.counter('database_errors_total');
  return {
    onQuery({ type, status, seconds }) {
      queries.inc({ query_type: type, status });
      duration.observe({ query_type: type }, seconds);
    },
    onTransaction: ({ seconds }) => transactions.observe({}, seconds),
    onAcquire({ seconds, timedOut }) {
      acquire.observe({}, seconds);
      if (timedOut) timeouts.inc({});
    },
    onError: ({ type }) => errors.inc({ error_type: type }),
  };
}

/** Connections of a pool now; `waiting` counts requests for a connection, `max` is the pool's limit. */
export interface PoolConnections {
  readonly total: number;
  readonly idle: number;
  readonly active: number;
  readonly waiting: number;
  readonly max: number;
}

/** Sets the pool's connections by state at every scrape. */
export function observePool(metrics: Metrics, counts: () => PoolConnections): void {
  const connections = metrics.gauge('database_pool_connections');
  metrics.onCollect(() => {
    const { total, idle, active, waiting, max } = counts();
    connections.set({ state: 'total' }, total);
    connections.set({ state: 'max' }, max);
    connections.set({ state: 'idle' }, idle);
    connections.set({ state: 'in_use' }, active);
    connections.set({ state: 'waiting' }, waiting);
  });
}

/** Callbacks that count what a Kafka producer does. */
export interface PublishMetrics {
  onPublished(event: { readonly topic: string; readonly count: number; readonly seconds: number }): void;
  onPublishFailed(event: { readonly topic: string; readonly count: number; readonly error: string }): void;
}

/** Counts into the `kafka_publish_*` families. */
export function createPublishMetrics(metrics: Metrics): PublishMetrics {
  const succeeded = metrics.counter('kafka_publish_success_total');
  const failed = metrics.counter('kafka_publish_failure_total');
  const duration = metrics.histogram('kafka_publish_duration_seconds');
  return {
    onPublished({ topic, count, seconds }) {
      succeeded.inc({ topic }, count);
      duration.observe({ topic }, seconds);
    },
    onPublishFailed: ({ topic, count, error }) => failed.inc({ topic, error }, count),
  };
}

/** Callbacks that count what a Redis client does. */
export interface RedisMetrics {
  onCommand(event: { readonly command: string; readonly status: 'success' | 'error'; readonly seconds: number }): void;
  onConnectionError(): void;
}

/** Counts into the `redis_*` families. */
export function createRedisMetrics(metrics: Metrics): RedisMetrics {
  const commands = metrics.counter('redis_commands_total');
  const duration = metrics.histogram('redis_command_duration_seconds');
  const errors = metrics.counter('redis_connection_errors_total');
  return {
    onCommand({ command, status, seconds }) {
      commands.inc({ command, status });
      duration.observe({ command }, seconds);
    },
    onConnectionError: () => errors.inc({}),
  };
}
