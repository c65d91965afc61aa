import { readHandover } from '../tracing/handover';
import type { Metrics } from '../metrics/metrics';
import { negotiateFormat } from './accept';
import type { Family } from './family';
import { CONTENT_TYPES, formatFamilies } from './format';
import { otelFamilies } from './otel-families';
import { ownFamilies } from './own-families';

/** Longest an asynchronous OpenTelemetry instrument may hold up a scrape. */
const OTEL_COLLECT_TIMEOUT_MS = 2_000;

/** The body of one scrape. */
export interface RenderedExposition {
  readonly contentType: string;
  readonly body: string;
}

/** Writes `/metrics`. */
export interface Exposition {
  /** Renders for an Accept header; never rejects: a part that fails is left out and counted. */
  render(accept?: string): Promise<RenderedExposition>;
}

/** Creates the writer that merges our own metrics with those of the OpenTelemetry reader started by `preload`. */
export function createExposition(metrics: Metrics): Exposition {
  return {
    async render(accept) {
      await metrics.store.runCollectors();
      const foreign = await collectOtel(metrics);
      const own = await ownFamilies(metrics.store).catch(() => {
        metrics.store.countError('exposition');
        return [];
      });
      const format = negotiateFormat(accept);
      return { contentType: CONTENT_TYPES[format], body: formatFamilies(merge(own, foreign), format) };
    },
  };
}

/** One family per name; ours win over instrumentations that emit the same. A family without a sample is left out. */
function merge(own: readonly Family[], foreign: readonly Family[]): Family[] {
  const names = new Set(own.flatMap(namesOf));
  return [
    ...own.filter(({ samples }) => samples.length > 0),
    ...foreign.filter((family) => !namesOf(family).some((name) => names.has(name))),
  ];
}

function namesOf(family: Family): string[] {
  return family.type === 'counter' ? [family.name, `${family.name}_total`] : [family.name];
}

async function collectOtel(metrics: Metrics): Promise<Family[]> {
  const reader = readHandover()?.metricReader;
  if (reader === undefined) return [];
  try {
    const { resourceMetrics, errors } = await reader.collect({ timeoutMillis: OTEL_COLLECT_TIMEOUT_MS });
    if (errors.length > 0) metrics.store.countError('exposition');
    return otelFamilies(resourceMetrics);
  } catch {
    metrics.store.countError('exposition');
    return [];
  }
}
