import type { Attributes } from '@opentelemetry/api';
import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';

import { type Family, type FamilyType, formatBound, formatLabels, type Sample } from './family';

/**
 * Units we can name. Others (a missing one on a duration, milliseconds) come from instrumentations whose figures
 * would mislead beside ours: such families are dropped.
 */
const UNIT_SUFFIXES: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes', '1': '_ratio', '%': '_percent' };

/**
 * The families of OpenTelemetry instrumentations, under Prometheus names with their unit. Families of the same name
 * from two scopes (http and undici both time client requests) become one, told apart by `otel_scope_name`.
 */
export function otelFamilies(resourceMetrics: ResourceMetrics): Family[] {
  const families = new Map<string, Family>();
  for (const { scope, metrics } of resourceMetrics.scopeMetrics) {
    for (const metric of metrics) {
      const family = toFamily(metric);
      if (family === undefined) continue;
      const known = families.get(family.name) ?? family;
      if (known.type !== family.type) continue;
      families.set(family.name, known);
      for (const sample of samplesOf(metric, scope.name)) known.samples.push(sample);
    }
  }
  return [...families.values()];
}

function toFamily({ descriptor, ...metric }: MetricData): Family | undefined {
  const type = familyType(metric);
  const suffix = unitSuffix(descriptor.unit, type);
  if (type === undefined || suffix === undefined) return undefined;
  const base = sanitizeName(descriptor.name).replace(/_total$/, '');
  const name = base.endsWith(suffix) ? base : `${base}${suffix}`;
  return { name, help: descriptor.description || descriptor.name, type, samples: [] };
}

function familyType(metric: Pick<MetricData, 'dataPointType'> & { isMonotonic?: boolean }): FamilyType | undefined {
  if (metric.dataPointType === DataPointType.HISTOGRAM) return 'histogram';
  if (metric.dataPointType === DataPointType.GAUGE) return 'gauge';
  if (metric.dataPointType === DataPointType.SUM) return metric.isMonotonic ? 'counter' : 'gauge';
  return undefined;
}

/** Undefined: drop. Counts are annotated, as in `{connection}`, and need no suffix. */
function unitSuffix(unit: string, type: FamilyType | undefined): string | undefined {
  if (/^\{.*\}$/.test(unit)) return '';
  if (unit === '') return type === 'histogram' ? undefined : '';
  if (unit === '1' && type === 'counter') return '';
  return UNIT_SUFFIXES[unit];
}

function samplesOf(metric: MetricData, scopeName: string): Sample[] {
  if (metric.dataPointType === DataPointType.HISTOGRAM) {
    return metric.dataPoints.flatMap((point) =>
      histogramSamples(labelsOf(point.attributes, scopeName), point.value.buckets, point.value),
    );
  }
  if (metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) return [];
  const suffix = familyType(metric) === 'counter' ? '_total' : '';
  return metric.dataPoints.map((point) => ({
    suffix,
    labels: labelsOf(point.attributes, scopeName),
    value: point.value,
  }));
}

function histogramSamples(
  labels: string,
  buckets: { boundaries: readonly number[]; counts: readonly number[] },
  totals: { sum?: number; count: number },
): Sample[] {
  const samples: Sample[] = [];
  let cumulative = 0;
  buckets.boundaries.forEach((boundary, index) => {
    cumulative += buckets.counts[index] ?? 0;
    samples.push({ suffix: '_bucket', labels: `${labels},le="${formatBound(boundary)}"`, value: cumulative });
  });
  samples.push({ suffix: '_bucket', labels: `${labels},le="+Inf"`, value: totals.count });
  samples.push({ suffix: '_sum', labels, value: totals.sum ?? Number.NaN });
  samples.push({ suffix: '_count', labels, value: totals.count });
  return samples;
}

function labelsOf(attributes: Attributes, scopeName: string): string {
  const labels: Record<string, string> = { otel_scope_name: scopeName };
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) labels[sanitizeName(key)] = String(value).toWellFormed();
  }
  return formatLabels(labels);
}

/** Names of metrics and labels: anything but letters, digits and underscore becomes an underscore. */
function sanitizeName(name: string): string {
  const text = name.replaceAll(/[^a-zA-Z0-9_]/g, '_').replaceAll(/_{2,}/g, '_');
  return /^[0-9]/.test(text) ? `_${text}` : text;
}
