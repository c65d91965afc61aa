import { CACHE_SECONDS, LONG_SECONDS } from '../buckets';
import { counter, gauge, histogram, SERVICE_NAMES } from '../definition';
import { BREAKER_STATE, CACHE_LAYER, CACHE_OPERATION, CACHE_STATUS } from '../label-values';

const WITH_POOL = ['trigger-dispatcher', 'worker', 'api'] as const;

/** Circuit breakers of every service. */
export const PLANNED_CIRCUIT_BREAKERS = {
  circuit_breaker_failures_total: counter(SERVICE_NAMES, 'Failures counted by a circuit breaker.', { component: 30 }),
  circuit_breaker_state: gauge(SERVICE_NAMES, 'State of a circuit breaker: 0 closed, 1 open, 2 half-open.', {
    component: 30,
  }),
  circuit_breaker_transitions_total: counter(SERVICE_NAMES, 'State changes of a circuit breaker.', {
    component: 30,
    from: BREAKER_STATE,
    to: BREAKER_STATE,
  }),
} as const;

/** WebSocket connections of the api. */
export const PLANNED_WEBSOCKET = {
  websocket_connection_duration_seconds: histogram(['api'], 'Lifetime of WebSocket connections.', LONG_SECONDS, {}),
  websocket_connections_active: gauge(['api'], 'Open WebSocket connections.', { endpoint: 20 }),
  websocket_errors_total: counter(['api'], 'WebSocket errors.', { error_type: 30 }),
  websocket_messages_received_total: counter(['api'], 'WebSocket messages received.', { endpoint: 20, type: 30 }),
  websocket_messages_sent_total: counter(['api'], 'WebSocket messages sent.', { endpoint: 20, type: 30 }),
  websocket_subscriptions_active: gauge(['api'], 'Active subscriptions of WebSocket clients.', {}),
} as const;

/** Caches in front of Redis and PostgreSQL. */
export const PLANNED_CACHES = {
  cache_entries_total: gauge(
    WITH_POOL,
    'Entries in a cache. A gauge, because it falls on eviction; dashboards ask for it under this name.',
    { cache_layer: CACHE_LAYER },
  ),
  cache_hit_rate: gauge(WITH_POOL, 'Hits as a percentage of hits and misses since start, 0 to 100.', {
    cache_layer: CACHE_LAYER,
  }),
  cache_hits_total: counter(WITH_POOL, 'Cache hits.', { cache_layer: CACHE_LAYER }),
  cache_memory_usage_bytes: gauge(WITH_POOL, 'Memory used by the caches.', {}),
  cache_misses_total: counter(WITH_POOL, 'Cache misses.', { cache_layer: CACHE_LAYER }),
  cache_operation_duration_seconds: histogram(WITH_POOL, 'Time of a cache operation.', CACHE_SECONDS, {
    operation: CACHE_OPERATION,
    cache_layer: CACHE_LAYER,
  }),
  cache_operations_total: counter(WITH_POOL, 'Cache operations, by layer and result.', {
    operation: CACHE_OPERATION,
    cache_layer: CACHE_LAYER,
    status: CACHE_STATUS,
  }),
} as const;

/** Sessions, API keys and business figures of the api. */
export const PLANNED_ACCOUNTS = {
  active_sessions: gauge(['api'], 'Sessions not yet expired.', {}),
  active_users: gauge(['api'], 'Users seen within the window.', { window: ['5m', '15m', '1h'] }),
  api_key_validations_total: counter(['api'], 'Validations of API keys.', {
    status: ['valid', 'invalid', 'expired', 'revoked'],
  }),
  daily_active_users: gauge(['api'], 'Users seen today (UTC).', {}),
} as const;
