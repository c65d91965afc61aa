import { COMPUTE_SECONDS } from '../buckets';
import { counter, gauge, histogram, SERVICE_NAMES } from '../definition';
import { QUEUE_STATE, TELEMETRY_COMPONENTS } from '../label-values';

/** Queues. Only the api exports the depths; otherwise every replica would count them. */
export const QUEUE_METRICS = {
  jobs_pending: gauge(['api'], 'Jobs waiting in all queues.', {}),
  queue_jobs: gauge(['api'], 'Jobs of a queue, by state.', { queue: 10, state: QUEUE_STATE }),
  queue_depth: gauge(['api'], 'Waiting and prioritised jobs of a queue.', { channel: 10 }),
  queue_collect_errors_total: counter(['api'], 'Failed attempts to read the queue depths.', {}),
  worker_tasks_total: counter(['worker'], 'Job attempts, by outcome.', {
    queue: 10,
    status: ['completed', 'failed', 'retried', 'stalled', 'skipped'],
  }),
} as const;

/** Authentication at the api. */
export const AUTHENTICATION_METRICS = {
  auth_attempts_total: counter(['api'], 'Login attempts.', {
    method: ['password'],
    status: ['success', 'failure'],
  }),
  jwt_validations_total: counter(['api'], 'Validations of access tokens.', { status: ['valid', 'invalid', 'expired'] }),
  jwt_validation_duration_seconds: histogram(['api'], 'Time to validate an access token.', COMPUTE_SECONDS, {}),
} as const;

/** Telemetry about telemetry. */
export const TELEMETRY_METRICS = {
  metric_label_overflow_total: counter(
    SERVICE_NAMES,
    'Recordings whose label value became `other`: the label reached its limit, or the value is not in its list.',
    { metric: 300, label: 50 },
  ),
  telemetry_errors_total: counter(SERVICE_NAMES, 'Recordings and collections that failed and were dropped.', {
    component: TELEMETRY_COMPONENTS,
  }),
} as const;
