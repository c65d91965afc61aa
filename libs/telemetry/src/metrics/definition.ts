/** The four services; each metric names those that export it. */
export const SERVICE_NAMES = ['signal-generator', 'trigger-dispatcher', 'worker', 'api'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

export type MetricType = 'counter' | 'gauge' | 'histogram';

/**
 * What a label may hold: a closed list of values, `'pipeline'` (an id while admitted, see `label-guard.ts`),
 * or a number: any text, but at most that many distinct values per process, `other` beyond.
 */
export type LabelValues = readonly string[] | 'pipeline' | number;
export type LabelSpec = Readonly<Record<string, LabelValues>>;

/** One entry of the catalogue. */
export interface MetricDefinition {
  readonly type: MetricType;
  readonly help: string;
  readonly services: readonly ServiceName[];
  readonly labels: LabelSpec;
  /** Upper bounds of a histogram, ascending, in the unit of the name; `+Inf` is implied. */
  readonly buckets?: readonly number[];
  /** `own`: recorded through `Metrics`; `otel`: written by an OpenTelemetry instrumentation, listed so that names can be checked. */
  readonly source: 'own' | 'otel';
}

interface Entry<T extends MetricType, L extends LabelSpec> extends MetricDefinition {
  readonly type: T;
  readonly labels: L;
  readonly source: 'own';
}

/** A counter; its name ends in `_total`. */
export function counter<const L extends LabelSpec>(
  services: readonly ServiceName[],
  help: string,
  labels: L,
): Entry<'counter', L> {
  return { type: 'counter', help, services, labels, source: 'own' };
}

/** A gauge. */
export function gauge<const L extends LabelSpec>(
  services: readonly ServiceName[],
  help: string,
  labels: L,
): Entry<'gauge', L> {
  return { type: 'gauge', help, services, labels, source: 'own' };
}

/** A histogram with its own bucket boundaries. */
export function histogram<const L extends LabelSpec>(
  services: readonly ServiceName[],
  help: string,
  buckets: readonly number[],
  labels: L,
): Entry<'histogram', L> {
  return { type: 'histogram', help, services, labels, buckets, source: 'own' };
}

/** A family that an OpenTelemetry instrumentation writes; never recorded through `Metrics`. */
export function fromOpenTelemetry<const L extends LabelSpec>(
  type: MetricType,
  services: readonly ServiceName[],
  help: string,
  labels: L,
): MetricDefinition {
  return { type, help, services, labels, source: 'otel' };
}
