import type { MetricStore } from '../metrics/metric-store';
import { type Family, type FamilyType, formatBound, formatLabels, type Sample, type SampleExemplar } from './family';

type PromMetric = Awaited<ReturnType<MetricStore['registry']['getMetricsAsJSON']>>[number];

/** What prom-client documents for `getMetricsAsJSON()` and leaves out of its types. */
type PromValue = PromMetric['values'][number] & {
  /** Histograms: the name with `_bucket`, `_sum` or `_count`. */
  readonly metricName?: string;
  readonly exemplar?: PromExemplar | null;
};

interface PromExemplar {
  readonly labelSet: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestamp: number;
}

type Labels = PromValue['labels'];

const TYPES: readonly string[] = ['counter', 'gauge', 'histogram', 'summary'];

/**
 * The families recorded through prom-client, read by its public `getMetricsAsJSON()`. Its own text, `metrics()`, is not used:
 * with exemplars on it strips `_total` from counter names, and it cannot merge the families of OpenTelemetry.
 */
export async function ownFamilies(store: MetricStore): Promise<Family[]> {
  return (await store.registry.getMetricsAsJSON()).map(toFamily);
}

function toFamily(metric: PromMetric): Family {
  // Published as an enumeration of numbers, and a name at run time.
  const typeName = String(metric.type);
  const type = (TYPES.includes(typeName) ? typeName : 'unknown') as FamilyType;
  const name = type === 'counter' ? metric.name.replace(/_total$/, '') : metric.name;
  const print = type === 'histogram' ? createLabelPrinter() : formatLabels;
  const values: readonly PromValue[] = metric.values;
  return { name, help: metric.help, type, samples: values.map((value) => toSample(metric.name, type, value, print)) };
}

function toSample(metricName: string, type: FamilyType, value: PromValue, print: (labels: Labels) => string): Sample {
  return {
    suffix: type === 'counter' ? '_total' : (value.metricName ?? metricName).slice(metricName.length),
    labels: withBound(print(value.labels), value.labels['le']),
    value: value.value,
    exemplar: toExemplar(value.exemplar),
  };
}

/** Prints labels without `le`. The buckets of a series follow one another, so that its labels are printed once. */
function createLabelPrinter(): (labels: Labels) => string {
  let last: Labels = {};
  let text = '';
  return (labels) => {
    if (!isSameSeries(last, labels)) {
      text = formatLabels(labels);
      last = labels;
    }
    return text;
  };
}

/** All series of a histogram have the same label names. */
function isSameSeries(a: Labels, b: Labels): boolean {
  for (const name in b) if (name !== 'le' && a[name] !== b[name]) return false;
  return true;
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
