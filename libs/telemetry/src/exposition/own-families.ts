import type { MetricStore } from '../metrics/metric-store';
import { type Family, type FamilyType, formatBound, formatLabels, type Sample, type SampleExemplar } from './family';

/** What prom-client's metrics hold; its published types leave out the exemplars and the form its own text is written from. */
interface PromMetric {
  readonly name: string;
  get(): Promise<PromData>;
  /** Histograms only: the labels all buckets of a series share are one object, not copied into each. */
  getForPromString?(): Promise<PromData>;
}

interface PromData {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly PromValue[];
}

interface PromValue {
  readonly value: number;
  readonly labels: Labels;
  readonly sharedLabels?: Labels;
  readonly metricName?: string;
  readonly exemplar?: PromExemplar | null;
}

interface PromExemplar {
  readonly labelSet: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestamp: number;
}

type Labels = Readonly<Record<string, string | number>>;

const TYPES: readonly string[] = ['counter', 'gauge', 'histogram', 'summary'];

/** The families recorded through prom-client. */
export async function ownFamilies(store: MetricStore): Promise<Family[]> {
  const metrics = store.registry.getMetricsAsArray() as unknown as readonly PromMetric[];
  return Promise.all(metrics.map(async (metric) => toFamily(await dataOf(metric))));
}

function dataOf(metric: PromMetric): Promise<PromData> {
  return metric.getForPromString === undefined ? metric.get() : metric.getForPromString();
}

function toFamily(metric: PromData): Family {
  const type = (TYPES.includes(metric.type) ? metric.type : 'unknown') as FamilyType;
  const name = type === 'counter' ? metric.name.replace(/_total$/, '') : metric.name;
  return { name, help: metric.help, type, samples: metric.values.map((value) => toSample(metric.name, type, value)) };
}

function toSample(metricName: string, type: FamilyType, value: PromValue): Sample {
  const { labels, sharedLabels = labels } = value;
  return {
    suffix: type === 'counter' ? '_total' : (value.metricName ?? metricName).slice(metricName.length),
    labels: withBound(formatted(sharedLabels), labels['le']),
    value: value.value,
    exemplar: toExemplar(value.exemplar),
  };
}

/**
 * Labels as printed, by the object that prom-client keeps for a series as long as the series exists. Writing them anew at each scrape
 * took most of its time.
 */
const PRINTED = new WeakMap<Labels, string>();

function formatted(labels: Labels): string {
  let text = PRINTED.get(labels);
  if (text === undefined) PRINTED.set(labels, (text = formatLabels(labels)));
  return text;
}

/** Bounds come from the catalogue: they are few. */
const BOUNDS = new Map<string | number, string>();

function withBound(labels: string, bound: string | number | undefined): string {
  if (bound === undefined) return labels;
  let text = BOUNDS.get(bound);
  if (text === undefined) BOUNDS.set(bound, (text = `le="${formatBound(bound)}"`));
  return labels === '' ? text : `${labels},${text}`;
}

function toExemplar(exemplar: PromExemplar | null | undefined): SampleExemplar | undefined {
  if (!exemplar || typeof exemplar.timestamp !== 'number') return undefined;
  return { labels: formatLabels(exemplar.labelSet), value: exemplar.value, timestamp: exemplar.timestamp };
}
