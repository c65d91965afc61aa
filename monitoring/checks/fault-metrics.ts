/** One metric of one service, which that service records in few situations only. */
export const RARE_METRICS: readonly { readonly service: string; readonly metric: string; readonly spec: string }[] = [
  // The worker opens a transaction only to book the fill of a resting order.
  {
    service: 'worker',
    metric: 'database_transaction_duration_seconds',
    spec: 'libs/telemetry/src/metrics/client-metrics.spec.ts',
  },
];

/**
 * Metrics that the healthy flow never records, because only a fault does. Each names the spec that proves its recorder.
 * The end-to-end check of recorded metrics leaves out these and the rare ones, and no others.
 */
export const FAULT_METRICS: ReadonlyMap<string, string> = new Map([
  ['application_errors_total', 'apps/api/src/http/server.spec.ts'],
  ['broker_requests_total', 'apps/worker/src/orders/venues.spec.ts'],
  ['database_errors_total', 'libs/telemetry/src/metrics/client-metrics.spec.ts'],
  ['database_pool_acquire_timeouts_total', 'libs/telemetry/src/metrics/client-metrics.spec.ts'],
  ['executions_refused_total', 'apps/worker/src/executions/denial-metrics.spec.ts'],
  ['kafka_offsets_skipped_total', 'apps/trigger-dispatcher/src/dispatches/dispatch-metrics.spec.ts'],
  ['kafka_publish_failure_total', 'libs/telemetry/src/metrics/client-metrics.spec.ts'],
  ['kafka_topic_recreations_total', 'apps/trigger-dispatcher/src/dispatches/dispatch-metrics.spec.ts'],
  ['metric_label_overflow_total', 'libs/telemetry/src/metrics/metrics.spec.ts'],
  ['queue_collect_errors_total', 'apps/api/src/system-metrics/system-metrics.spec.ts'],
  ['rate_limit_exceeded_total', 'apps/api/src/http/server.spec.ts'],
  ['redis_connection_errors_total', 'libs/telemetry/src/metrics/client-metrics.spec.ts'],
  ['sweeper_requeued_total', 'apps/trigger-dispatcher/src/dispatches/dispatch-metrics.spec.ts'],
  ['system_collect_errors_total', 'apps/api/src/system-metrics/system-metrics.spec.ts'],
  ['telemetry_errors_total', 'libs/telemetry/src/metrics/metrics.spec.ts'],
  ['zombie_writes_rejected_total', 'apps/worker/src/executions/denial-metrics.spec.ts'],
]);
