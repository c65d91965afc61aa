import { diag } from '@opentelemetry/api';
import { getStringFromEnv, getStringListFromEnv } from '@opentelemetry/core';
import { SimpleSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace';

import { FileSpanExporter } from './file-span-exporter';

/** The names the SDK knows. */
const EXPORTERS = ['otlp', 'console', 'zipkin'];

/**
 * Where spans go: an empty list is nowhere; undefined means that the SDK reads `OTEL_TRACES_EXPORTER` itself.
 *
 * `OTEL_TRACES_FILE` comes first. Without it and without `OTEL_TRACES_EXPORTER` spans are exported by OTLP if an endpoint
 * is set: the standard default, a collector on localhost, would fail on every machine that runs none.
 */
export function createSpanProcessors(): SpanProcessor[] | undefined {
  const file = getStringFromEnv('OTEL_TRACES_FILE');
  if (file !== undefined) return [new SimpleSpanProcessor({ exporter: new FileSpanExporter(file) })];
  const named = getStringListFromEnv('OTEL_TRACES_EXPORTER');
  if (named === undefined) return hasEndpoint() ? undefined : [];
  if (named.includes('none')) return [];
  if (named.some((name) => EXPORTERS.includes(name))) return undefined;
  diag.error(`OTEL_TRACES_EXPORTER names no known exporter: ${named.join(',')}. No spans are exported.`);
  return [];
}

function hasEndpoint(): boolean {
  return ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'].some(
    (name) => getStringFromEnv(name) !== undefined,
  );
}
