import { COMPUTE_SECONDS } from '../buckets';
import { counter, gauge, histogram, SERVICE_NAMES } from '../definition';
import { BREAKER_STATE, QUEUE_STATE } from '../label-values';

/** Circuit breakers of every service. */
export const CIRCUIT_BREAKER_METRICS = {
  circuit_breaker_state: gauge(SERVICE_NAMES, 'State of a circuit breaker: 0 closed, 1 open, 2 half-open.', {
    component: 30,
  }),
  circuit_breaker_transitions_total: counter(SERVICE_NAMES, 'Changes of state of a circuit breaker.', {
    component: 30,
    from: BREAKER_STATE,
    to: BREAKER_STATE,
  }),
  circuit_breaker_failures_total: counter(SERVICE_NAMES, 'Failures counted by a circuit breaker.', { component: 30 }),
} as const;

/** Queues. Depths are exported by the api only, so that replicas do not count them twice. */
export const QUEUE_METRICS = {
  jobs_pending: gauge(['api'], 'Jobs waiting in all queues.', {}),
  queue_jobs: gauge(['api'], 'Jobs of a queue, by state.', { queue: 10, state: QUEUE_STATE }),
  queue_depth: gauge(['api'], 'Waiting and prioritised jobs of a queue.', { channel: 10 }),
  queue_collect_errors_total: counter(['api'], 'Failed attempts to read the queue depths.', {}),
  worker_tasks_total: counter(['worker'], 'Job attempts, by how they ended.', {
    queue: 10,
    status: ['completed', 'failed', 'retried', 'stalled', 'skipped'],
  }),
} as const;

/** Authentication and business figures of the api. */
export const BUSINESS_METRICS = {
  auth_attempts_total: counter(['api'], 'Log-in attempts.', {
    method: ['password', 'api_key', 'jwt', 'webhook'],
    status: ['success', 'failure', 'locked'],
  }),
  jwt_validations_total: counter(['api'], 'Validations of access tokens.', { status: ['valid', 'invalid', 'expired'] }),
  api_key_validations_total: counter(['api'], 'Validations of API keys.', {
    status: ['valid', 'invalid', 'expired', 'revoked'],
  }),
  jwt_validation_duration_seconds: histogram(['api'], 'Time to validate an access token.', COMPUTE_SECONDS, {}),
  active_sessions: gauge(['api'], 'Sessions not yet expired.', {}),
  active_users: gauge(['api'], 'Users seen within a window.', { window: ['5m', '15m', '1h'] }),
  daily_active_users: gauge(['api'], 'Users seen today (UTC).', {}),
  total_orders_placed_today: gauge(['api'], 'Orders placed today (UTC).', {}),
  total_strategies_created_today: gauge(['api'], 'Strategies created today (UTC).', {}),
} as const;

/** Telemetry about telemetry. */
export const TELEMETRY_METRICS = {
  metric_label_overflow_total: counter(
    SERVICE_NAMES,
    'Recordings whose label value was replaced by `other`, because the label had its limit of values or is closed.',
    { metric: 300, label: 50 },
  ),
  telemetry_errors_total: counter(SERVICE_NAMES, 'Recordings and collections that failed and were dropped.', {
    component: ['metrics', 'exposition', 'logging', 'tracing'],
  }),
} as const;
