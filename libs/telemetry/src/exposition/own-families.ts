import type { MetricStore } from '../metrics/metric-store';
import { type Family, type FamilyType, formatBound, formatLabels, type Sample, type SampleExemplar } from './family';

/** What `getMetricsAsJSON()` really holds; its published types leave out the exemplars. */
interface JsonMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly JsonValue[];
}

interface JsonValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName?: string;
  readonly exemplar?: JsonExemplar | null;
}

interface JsonExemplar {
  readonly labelSet: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestamp: number;
}

const TYPES: readonly string[] = ['counter', 'gauge', 'histogram', 'summary'];

/** The families recorded through prom-client. */
export async function ownFamilies(store: MetricStore): Promise<Family[]> {
  const metrics = (await store.registry.getMetricsAsJSON()) as unknown as readonly JsonMetric[];
  return metrics.map(toFamily);
}

function toFamily(metric: JsonMetric): Family {
  const type = (TYPES.includes(metric.type) ? metric.type : 'unknown') as FamilyType;
  const name = type === 'counter' ? metric.name.replace(/_total$/, '') : metric.name;
  return { name, help: metric.help, type, samples: metric.values.map((value) => toSample(metric.name, type, value)) };
}

function toSample(metricName: string, type: FamilyType, value: JsonValue): Sample {
  return {
    suffix: type === 'counter' ? '_total' : (value.metricName ?? metricName).slice(metricName.length),
    labels: withBound(formatLabels(value.labels), value.labels['le']),
    value: value.value,
    exemplar: toExemplar(value.exemplar),
  };
}

function withBound(labels: string, bound: string | number | undefined): string {
  if (bound === undefined) return labels;
  const text = `le="${formatBound(bound)}"`;
  return labels === '' ? text : `${labels},${text}`;
}

function toExemplar(exemplar: JsonExemplar | null | undefined): SampleExemplar | undefined {
  if (!exemplar || typeof exemplar.timestamp !== 'number') return undefined;
  return { labels: formatLabels(exemplar.labelSet), value: exemplar.value, timestamp: exemplar.timestamp };
}
