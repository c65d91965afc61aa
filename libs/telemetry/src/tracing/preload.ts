import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { getBooleanFromEnv, getNumberFromEnv, getStringFromEnv, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  SimpleSpanProcessor,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';

import type { ServiceName } from '../metrics/definition';
import { FileSpanExporter } from './file-span-exporter';
import { readHandover, writeHandover } from './handover';
import { createPropagatingTracerProvider } from './propagating-tracer';
import { PullMetricReader } from './pull-metric-reader';
import { RootSampler } from './root-sampler';
import { MAX_LINKS } from './spans';

/** Longest a flush may hold up the end of the process when the collector does not answer. */
const SHUTDOWN_TIMEOUT_MS = 3_000;

export interface PreloadOptions {
  readonly service: ServiceName;
}

/**
 * Starts tracing and the OpenTelemetry metrics; call it in `instrument.ts`, loaded with `node -r` before anything
 * else, because instrumentations patch modules as they are first required. Later calls do nothing.
 *
 * Environment: `OTEL_TRACES_SAMPLER_ARG` (share of new traces, default 1), `OTEL_EXPORTER_OTLP_ENDPOINT` (spans go
 * there by OTLP over HTTP; unset: nowhere), `OTEL_TRACES_FILE` (spans go there as JSON lines),
 * `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SDK_DISABLED`. Without an exporter ids still exist, for logs and propagation.
 */
export function preload(options: PreloadOptions): void {
  if (readHandover() !== undefined || getBooleanFromEnv('OTEL_SDK_DISABLED')) return;
  const resource = defaultResource()
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: options.service }));
  const { tracerProvider, stopTracer } = createTracing(resource);
  const metricReader = new PullMetricReader();
  const meterProvider = new MeterProvider({ resource, readers: [metricReader] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(tracerProvider);
  metrics.setGlobalMeterProvider(meterProvider);
  registerInstrumentations({ tracerProvider, meterProvider, instrumentations: createInstrumentations() });
  let stopping: Promise<void> | undefined;
  writeHandover({
    service: options.service,
    metricReader,
    shutdown: () => (stopping ??= withDeadline(stopTracer(), SHUTDOWN_TIMEOUT_MS)),
  });
}

/** Exports what is pending and stops tracing; never rejects, takes at most 3 s. Without a preload: does nothing. */
export async function shutdownTracing(): Promise<void> {
  await readHandover()?.shutdown();
}

function createTracing(resource: Resource) {
  const ratio = getNumberFromEnv('OTEL_TRACES_SAMPLER_ARG') ?? 1;
  const root = new RootSampler(Math.min(1, Math.max(0, ratio)));
  const spanProcessors = createSpanProcessors();
  if (spanProcessors.length === 0) {
    return { tracerProvider: createPropagatingTracerProvider(root), stopTracer: () => Promise.resolve() };
  }
  const tracerProvider = new TracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root }),
    spanLimits: { linkCountLimit: MAX_LINKS, attributeValueLengthLimit: 4_096 },
    spanProcessors,
  });
  return { tracerProvider, stopTracer: () => tracerProvider.shutdown() };
}

function createSpanProcessors(): SpanProcessor[] {
  const processors: SpanProcessor[] = [];
  const file = getStringFromEnv('OTEL_TRACES_FILE');
  if (file !== undefined) processors.push(new SimpleSpanProcessor({ exporter: new FileSpanExporter(file) }));
  if (getStringFromEnv('OTEL_EXPORTER_OTLP_ENDPOINT') !== undefined) {
    processors.push(new BatchSpanProcessor({ exporter: new OTLPTraceExporter() }));
  }
  return processors;
}

/**
 * No kafkajs and no BullMQ instrumentation: their hops are spans of our own (`withSpan` with a carrier), which keep
 * one trace from signal to order; the patches would add a second span per hop and metrics without a unit.
 */
function createInstrumentations() {
  return [
    new HttpInstrumentation({
      // Scrapes and probes are no traffic.
      ignoreIncomingRequestHook: ({ url = '' }) => url.startsWith('/metrics') || url.startsWith('/health'),
    }),
    new UndiciInstrumentation(),
    new PgInstrumentation({ ignoreConnectSpans: true, enhancedDatabaseReporting: false }),
  ];
}

async function withDeadline(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work.catch(() => undefined), deadline]);
  clearTimeout(timer);
}
