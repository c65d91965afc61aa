import { CACHE_SECONDS, DATABASE_SECONDS } from '../buckets';
import { counter, fromOpenTelemetry, gauge, histogram } from '../definition';
import { OK_OR_ERROR, POOL_STATE, QUERY_TYPE } from '../label-values';

const WITH_POOL = ['trigger-dispatcher', 'worker', 'api'] as const;

/** PostgreSQL, seen from the client. */
export const DATABASE_METRICS = {
  database_queries_total: counter(WITH_POOL, 'SQL statements.', { query_type: QUERY_TYPE, status: OK_OR_ERROR }),
  database_errors_total: counter(WITH_POOL, 'SQL errors, by SQLSTATE or error code.', { error_type: 50 }),
  database_pool_acquire_timeouts_total: counter(
    WITH_POOL,
    'Requests for a connection that timed out because the pool had none free.',
    {},
  ),
  database_query_duration_seconds: histogram(WITH_POOL, 'Duration of one SQL statement.', DATABASE_SECONDS, {
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
  database_pool_connections: gauge(
    WITH_POOL,
    'Connections of the pool by state; `waiting` counts requests for one, `max` is the limit.',
    { state: POOL_STATE },
  ),
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

/** Redis, seen from the client. */
export const REDIS_METRICS = {
  redis_commands_total: counter(WITH_POOL, 'Redis commands, by name; arguments are never recorded.', {
    command: 100,
    status: OK_OR_ERROR,
  }),
  redis_connection_errors_total: counter(WITH_POOL, 'Errors of the Redis connection.', {}),
  redis_command_duration_seconds: histogram(WITH_POOL, 'Duration of a Redis command.', CACHE_SECONDS, { command: 50 }),
} as const;
