import type { MetricDefinition } from '../definition';
import { HTTP_METRICS, WEBSOCKET_METRICS } from './http';
import { MARKET_DATA_METRICS, TICKER_SERVICE_METRICS } from './market-data';
import { PIPELINE_METRICS, SYSTEM_METRICS } from './pipelines';
import { BUSINESS_METRICS, CIRCUIT_BREAKER_METRICS, QUEUE_METRICS, TELEMETRY_METRICS } from './platform';
import { DISPATCH_METRICS, SIGNAL_METRICS } from './signals';
import { CACHE_METRICS, DATABASE_METRICS } from './storage';
import { ANALYTICS_METRICS, ORDER_METRICS, STRATEGY_METRICS } from './trading';

/**
 * Every metric of the system. A metric, label or label value is added here first, then used; dashboards, rules and
 * documents are checked against this list.
 */
export const METRIC_CATALOGUE = {
  ...SYSTEM_METRICS,
  ...PIPELINE_METRICS,
  ...SIGNAL_METRICS,
  ...DISPATCH_METRICS,
  ...MARKET_DATA_METRICS,
  ...TICKER_SERVICE_METRICS,
  ...CIRCUIT_BREAKER_METRICS,
  ...HTTP_METRICS,
  ...WEBSOCKET_METRICS,
  ...DATABASE_METRICS,
  ...CACHE_METRICS,
  ...ORDER_METRICS,
  ...STRATEGY_METRICS,
  ...ANALYTICS_METRICS,
  ...QUEUE_METRICS,
  ...BUSINESS_METRICS,
  ...TELEMETRY_METRICS,
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRIC_CATALOGUE;
