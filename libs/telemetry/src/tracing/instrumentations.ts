import type * as AutoInstrumentations from '@opentelemetry/auto-instrumentations-node';
import { getStringListFromEnv } from '@opentelemetry/core';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { ResourceDetector } from '@opentelemetry/resources';

const HTTP_CONFIG: ConstructorParameters<typeof HttpInstrumentation>[0] = {
  // Scrapes and probes are not traffic.
  ignoreIncomingRequestHook: ({ url = '' }) => url.startsWith('/metrics') || url.startsWith('/health'),
};
const PG_CONFIG: ConstructorParameters<typeof PgInstrumentation>[0] = {
  ignoreConnectSpans: true,
  // Values of parameters are the users' data.
  enhancedDatabaseReporting: false,
};

/**
 * The instrumentations that are on by default. kafkajs, BullMQ and ioredis are not among them: those hops are spans of
 * our own (`withSpan` with a carrier), which keep one trace from signal to order; a patch would add a second span per hop.
 */
const DEFAULTS: ReadonlyMap<string, () => Instrumentation> = new Map<string, () => Instrumentation>([
  ['http', () => new HttpInstrumentation(HTTP_CONFIG)],
  ['undici', () => new UndiciInstrumentation()],
  ['pg', () => new PgInstrumentation(PG_CONFIG)],
]);

/** Resource detectors the SDK has itself; `all` names more than these. */
const SDK_DETECTORS = ['env', 'host', 'os', 'process', 'serviceinstance', 'none'];

/**
 * The instrumentations that `OTEL_NODE_ENABLED_INSTRUMENTATIONS` (default `http,undici,pg`) and
 * `OTEL_NODE_DISABLED_INSTRUMENTATIONS` leave. `@opentelemetry/auto-instrumentations-node` requires all of its fifty
 * packages at once, so it is loaded only when a name is not one of the three.
 */
export function createInstrumentations(): Instrumentation[] {
  const enabled = getStringListFromEnv('OTEL_NODE_ENABLED_INSTRUMENTATIONS') ?? [...DEFAULTS.keys()];
  const disabled = getStringListFromEnv('OTEL_NODE_DISABLED_INSTRUMENTATIONS') ?? [];
  const names = new Set(enabled.filter((name) => !disabled.includes(name)));
  if ([...names].every((name) => DEFAULTS.has(name))) {
    return [...DEFAULTS].filter(([name]) => names.has(name)).map(([, create]) => create());
  }
  // Reads the same two variables.
  return autoInstrumentations().getNodeAutoInstrumentations({
    '@opentelemetry/instrumentation-http': HTTP_CONFIG,
    '@opentelemetry/instrumentation-pg': PG_CONFIG,
  });
}

/** The detectors of `OTEL_NODE_RESOURCE_DETECTORS` if it names one the SDK does not have, e.g. `container` or `aws`. */
export function loadResourceDetectors(): ResourceDetector[] | undefined {
  const named = getStringListFromEnv('OTEL_NODE_RESOURCE_DETECTORS') ?? [];
  return named.every((name) => SDK_DETECTORS.includes(name))
    ? undefined
    : autoInstrumentations().getResourceDetectors();
}

function autoInstrumentations(): typeof AutoInstrumentations {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded only by those who ask for it
  return require('@opentelemetry/auto-instrumentations-node') as typeof AutoInstrumentations;
}
