import { METRIC_CATALOGUE, type MetricName } from './catalogue';
import type { LabelValues, MetricDefinition, ServiceName } from './definition';
import { currentExemplar } from './exemplar';
import type { OwnedLabel } from './label-guard';
import { TELEMETRY_COMPONENTS } from './label-values';
import { MetricStore } from './metric-store';

type Catalogue = typeof METRIC_CATALOGUE;
type NamesOfType<T extends string> = {
  [N in MetricName]: Catalogue[N] extends { type: T; source: 'own' } ? N : never;
}[MetricName];
type ValueOf<V extends LabelValues> = V extends readonly (infer S)[]
  ? S | 'other'
  : V extends 'pipeline'
    ? string | OwnedLabel
    : string | number;

export type CounterName = NamesOfType<'counter'>;
export type GaugeName = NamesOfType<'gauge'>;
export type HistogramName = NamesOfType<'histogram'>;

/** The labels a metric is recorded with: one of a closed list, or free text that the label guard bounds. */
export type LabelsOf<N extends MetricName> = {
  readonly [L in keyof Catalogue[N]['labels']]: Catalogue[N]['labels'][L] extends LabelValues
    ? ValueOf<Catalogue[N]['labels'][L]>
    : never;
};

/** Links a sample to a trace; at most 128 characters in names and values together, else it is dropped. */
export type Exemplar = Readonly<Record<string, string>>;

export interface CounterHandle<N extends CounterName> {
  /** Adds `value` (default 1, never negative). Without `exemplar` the sampled active span is used. */
  inc(labels: LabelsOf<N>, value?: number, exemplar?: Exemplar): void;
}

export interface GaugeHandle<N extends GaugeName> {
  set(labels: LabelsOf<N>, value: number): void;
  /** Adds `delta`, which may be negative. */
  add(labels: LabelsOf<N>, delta: number): void;
  /** Forgets one labelled value, e.g. of a partition that was revoked. */
  remove(labels: LabelsOf<N>): void;
}

export interface HistogramHandle<N extends HistogramName> {
  /** Records `value` in the unit of the metric's name. Without `exemplar` the sampled active span is used. */
  observe(labels: LabelsOf<N>, value: number, exemplar?: Exemplar): void;
}

export interface MetricsOptions {
  readonly service: ServiceName;
  /** Distinct `pipeline_id` values on counters; default 200. */
  readonly pipelineLabelLimit?: number;
  /** Distinct `pipeline_id` values on histograms; default 25. */
  readonly pipelineHistogramLabelLimit?: number;
  /** Process and Node.js metrics; default true. */
  readonly defaultMetrics?: boolean;
}

/** The metrics of one process. Recording never throws: a fault is counted in `telemetry_errors_total`. */
export interface Metrics {
  readonly service: ServiceName;
  /** Like `gauge` and `histogram`, throws `MetricNotOwnedError` when the catalogue does not give the metric to this service. */
  counter<N extends CounterName>(name: N): CounterHandle<N>;
  gauge<N extends GaugeName>(name: N): GaugeHandle<N>;
  histogram<N extends HistogramName>(name: N): HistogramHandle<N>;
  /** Exports a series of a counter at 0 before its first event, so that `increase()` sees that event. */
  init<N extends CounterName>(name: N, labels: LabelsOf<N>): void;
  /** Runs before each scrape, to set gauges that are read rather than counted; its errors are swallowed and counted. */
  onCollect(collect: () => void | Promise<void>): void;
  /** Keeps `pipeline_id` slots for these pipelines. */
  preferPipelines(ids: readonly string[]): void;
  /** The store behind; for the exposition writer. */
  readonly store: MetricStore;
}

/** A service asked for a metric that the catalogue gives to other services, or to none. */
export class MetricNotOwnedError extends Error {
  readonly code = 'METRIC_NOT_OWNED';

  constructor(
    readonly metric: string,
    readonly service: ServiceName,
  ) {
    super(`the metric catalogue does not give ${metric} to ${service}`);
  }
}

/**
 * Creates the metrics of a service: those the catalogue gives to it, and no others. Counters and histograms without
 * labels start at 0; a gauge, and a labelled series of any type, is exported once it has a value.
 */
export function createMetrics(options: MetricsOptions): Metrics {
  const store = new MetricStore({
    pipelineLabelLimit: options.pipelineLabelLimit ?? 200,
    pipelineHistogramLabelLimit: options.pipelineHistogramLabelLimit ?? 25,
    defaultMetrics: options.defaultMetrics ?? true,
  });
  for (const [name, definition] of Object.entries<MetricDefinition>(METRIC_CATALOGUE)) {
    if (definition.source !== 'own' || !definition.services.includes(options.service)) continue;
    store.register(name, definition);
  }
  const requireOwned = (name: MetricName): void => {
    if (!store.has(name)) throw new MetricNotOwnedError(name, options.service);
  };
  for (const component of TELEMETRY_COMPONENTS) store.zero('telemetry_errors_total', { component });
  return {
    service: options.service,
    store,
    counter: (name) => {
      requireOwned(name);
      return { inc: (labels, value = 1, exemplar) => store.inc(name, labels, value, exemplar ?? currentExemplar()) };
    },
    gauge: (name) => {
      requireOwned(name);
      return {
        set: (labels, value) => store.set(name, labels, value),
        add: (labels, delta) => store.add(name, labels, delta),
        remove: (labels) => store.remove(name, labels),
      };
    },
    histogram: (name) => {
      requireOwned(name);
      return {
        observe: (labels, value, exemplar) => store.observe(name, labels, value, exemplar ?? currentExemplar()),
      };
    },
    init: (name, labels) => {
      requireOwned(name);
      store.zero(name, labels);
    },
    onCollect: (collect) => store.onCollect(collect),
    preferPipelines: (ids) => store.guard.preferPipelines(ids),
  };
}
