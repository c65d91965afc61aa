import { trace } from '@opentelemetry/api';
import {
  getBooleanFromEnv,
  getNumberFromEnv,
  getStringFromEnv,
  getStringListFromEnv,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';

import type { ServiceName } from '../metrics/definition';
import { reportDiagnostics } from './diagnostics';
import type { TelemetryHandover } from './handover';
import { createInstrumentations, loadResourceDetectors } from './instrumentations';
import { createPropagatingTracerProvider } from './propagating-tracer';
import { PullMetricReader } from './pull-metric-reader';
import { createSampler } from './sampler';
import { createSpanProcessors } from './span-processors';

/** Longest a flush may delay the end of the process when the collector does not answer. */
const SHUTDOWN_TIMEOUT_MS = 3_000;
/** SQL statements can be long; the SDK's own default is no limit. */
const ATTRIBUTE_LENGTH_LIMIT = 4_096;

/**
 * Starts the SDK with what the environment says and with our defaults where it says nothing. A process that exports no
 * spans gets ids for logs and propagation but records nothing.
 */
export function startSdk(service: ServiceName): TelemetryHandover | undefined {
  if (getBooleanFromEnv('OTEL_SDK_DISABLED')) return undefined;
  reportDiagnostics(service);
  const metricReader = new PullMetricReader();
  const sampler = createSampler();
  const spanProcessors = createSpanProcessors();
  const sdk = new NodeSDK({
    resource: defaultResource().merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: service })),
    metricReaders: [metricReader],
    sampler,
    instrumentations: createInstrumentations(),
    ...(spanProcessors && { spanProcessors }),
    ...defaultsOfUnsetVariables(),
  });
  sdk.start();
  if (spanProcessors?.length === 0) trace.setGlobalTracerProvider(createPropagatingTracerProvider(sampler));
  let stopping: Promise<void> | undefined;
  return {
    service,
    metricReader,
    shutdown: () => (stopping ??= withDeadline(sdk.shutdown(), SHUTDOWN_TIMEOUT_MS)),
  };
}

/** An option that is present hides its variable from the SDK, so each default is given only where the variable is unset. */
function defaultsOfUnsetVariables(): Partial<NodeSDKConfiguration> {
  const resourceDetectors = loadResourceDetectors();
  const hasLengthLimit =
    getNumberFromEnv('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT') ?? getNumberFromEnv('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT');
  return {
    ...(resourceDetectors && { resourceDetectors }),
    ...(hasLengthLimit === undefined && { spanLimits: { attributeValueLengthLimit: ATTRIBUTE_LENGTH_LIMIT } }),
    // Without baggage: what a stranger sends to the api must not travel on to a broker.
    ...(getStringListFromEnv('OTEL_PROPAGATORS') === undefined && {
      textMapPropagator: new W3CTraceContextPropagator(),
    }),
    // Logs are JSON lines on standard output.
    ...(getStringFromEnv('OTEL_LOGS_EXPORTER') === undefined && { logRecordProcessors: [] }),
  };
}

async function withDeadline(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work.catch(() => undefined), deadline]);
  clearTimeout(timer);
}
