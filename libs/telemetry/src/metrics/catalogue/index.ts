import type { MetricDefinition } from '../definition';
import { HTTP_METRICS } from './http';
import { HISTORY_METRICS } from './market-data';
import { PIPELINE_METRICS, SYSTEM_METRICS } from './pipelines';
import { AUTHENTICATION_METRICS, QUEUE_METRICS, TELEMETRY_METRICS } from './platform';
import { DISPATCH_METRICS, SIGNAL_METRICS } from './signals';
import { DATABASE_METRICS, REDIS_METRICS } from './storage';
import { ORDER_METRICS } from './trading';

/**
 * Every metric the system records. A metric, label or label value is added here first, then used; dashboards, rules and
 * documents are checked against this list. A metric without code that records it belongs to `PLANNED_METRICS`.
 */
export const METRIC_CATALOGUE = {
  ...SYSTEM_METRICS,
  ...PIPELINE_METRICS,
  ...SIGNAL_METRICS,
  ...DISPATCH_METRICS,
  ...HISTORY_METRICS,
  ...HTTP_METRICS,
  ...DATABASE_METRICS,
  ...REDIS_METRICS,
  ...ORDER_METRICS,
  ...QUEUE_METRICS,
  ...AUTHENTICATION_METRICS,
  ...TELEMETRY_METRICS,
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRIC_CATALOGUE;
