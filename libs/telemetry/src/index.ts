export { createExposition, type Exposition, type RenderedExposition } from './exposition/exposition';
export { LOG_FORMATS, LOG_LEVELS, parseLogLevel, type LogFormat, type LogLevel } from './logging/log-level';
export { createLogger, type LogFields, type Logger, type LoggerOptions } from './logging/logger';
export { METRIC_CATALOGUE, type MetricName } from './metrics/catalogue';
export {
  createDatabaseMetrics,
  createRedisMetrics,
  observePool,
  type DatabaseMetrics,
  type RedisMetrics,
} from './metrics/client-metrics';
export { recordHistoryRows, type CountedSeries } from './metrics/history-metrics';
export { SERVICE_NAMES, type MetricDefinition, type MetricType, type ServiceName } from './metrics/definition';
export type { OwnedLabel } from './metrics/label-guard';
export {
  createMetrics,
  definitionOf,
  type CounterHandle,
  type CounterName,
  type Exemplar,
  type GaugeHandle,
  type GaugeName,
  type HistogramHandle,
  type HistogramName,
  type LabelsOf,
  type Metrics,
  type MetricsOptions,
} from './metrics/metrics';
export { setHttpRoute } from './tracing/http-route';
export { openSpan, type OpenSpan } from './tracing/open-span';
export { preload, shutdownTracing, type PreloadOptions } from './tracing/preload';
export {
  currentTraceIds,
  currentTraceparent,
  injectContext,
  withExtractedContext,
  type TraceCarrier,
} from './tracing/propagation';
export { withSpan, type SpanAttributes, type SpanOptions, type TraceSpan, type TraceSpanKind } from './tracing/spans';
