import { CACHE_SECONDS, DATABASE_SECONDS } from '../buckets';
import { counter, fromOpenTelemetry, gauge, histogram } from '../definition';
import { CACHE_LAYER, CACHE_OPERATION, CACHE_STATUS, OK_OR_ERROR, POOL_STATE, QUERY_TYPE } from '../label-values';

const WITH_POOL = ['trigger-dispatcher', 'worker', 'api'] as const;

/** PostgreSQL, seen from the client. */
export const DATABASE_METRICS = {
  database_queries_total: counter(WITH_POOL, 'SQL statements.', { query_type: QUERY_TYPE, status: OK_OR_ERROR }),
  database_errors_total: counter(WITH_POOL, 'SQL errors, by SQLSTATE or error code.', { error_type: 50 }),
  database_pool_acquire_timeouts_total: counter(WITH_POOL, 'Times no connection became free in time.', {}),
  database_query_duration_seconds: histogram(WITH_POOL, 'Time of one SQL statement.', DATABASE_SECONDS, {
    query_type: QUERY_TYPE,
  }),
  database_transaction_duration_seconds: histogram(
    WITH_POOL,
    'Time from BEGIN to COMMIT or ROLLBACK.',
    DATABASE_SECONDS,
    {},
  ),
  database_pool_acquire_duration_seconds: histogram(
    WITH_POOL,
    'Time spent waiting for a connection of the pool.',
    DATABASE_SECONDS,
    {},
  ),
  database_pool_connections: gauge(WITH_POOL, 'Connections of the pool, by state.', { state: POOL_STATE }),
  db_client_operation_duration_seconds: fromOpenTelemetry(
    'histogram',
    WITH_POOL,
    'Duration of database client operations (OpenTelemetry).',
    { db_system_name: 5, db_operation_name: 50, error_type: 50, otel_scope_name: 5 },
  ),
  db_client_connection_count: fromOpenTelemetry('gauge', WITH_POOL, 'Connections by state (OpenTelemetry).', {
    db_client_connection_state: ['idle', 'used'],
    db_client_connection_pool_name: 5,
    otel_scope_name: 5,
  }),
} as const;

/** Redis and the caches in front of it. */
export const CACHE_METRICS = {
  cache_operations_total: counter(WITH_POOL, 'Cache operations, by layer and result.', {
    operation: CACHE_OPERATION,
    cache_layer: CACHE_LAYER,
    status: CACHE_STATUS,
  }),
  cache_hits_total: counter(WITH_POOL, 'Cache hits.', { cache_layer: CACHE_LAYER }),
  cache_misses_total: counter(WITH_POOL, 'Cache misses.', { cache_layer: CACHE_LAYER }),
  redis_commands_total: counter(WITH_POOL, 'Redis commands; the command name only, never arguments.', {
    command: 100,
    status: OK_OR_ERROR,
  }),
  redis_connection_errors_total: counter(WITH_POOL, 'Errors of the Redis connection.', {}),
  cache_operation_duration_seconds: histogram(WITH_POOL, 'Time of a cache operation.', CACHE_SECONDS, {
    operation: CACHE_OPERATION,
    cache_layer: CACHE_LAYER,
  }),
  redis_command_duration_seconds: histogram(WITH_POOL, 'Time of a Redis command.', CACHE_SECONDS, { command: 50 }),
  cache_hit_rate: gauge(WITH_POOL, 'Hits as a percentage of hits and misses since start, 0 to 100.', {
    cache_layer: CACHE_LAYER,
  }),
  cache_memory_usage_bytes: gauge(WITH_POOL, 'Memory of the caches.', {}),
  cache_entries_total: gauge(
    WITH_POOL,
    'Entries in a cache. A gauge, for it falls on eviction; the name is the one dashboards ask for.',
    { cache_layer: CACHE_LAYER },
  ),
} as const;
