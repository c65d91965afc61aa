import { METRIC_CATALOGUE, type MetricName } from './catalogue';
import type { LabelValues, MetricDefinition, ServiceName } from './definition';
import { currentExemplar } from './exemplar';
import type { OwnedLabel } from './label-guard';
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
  counter<N extends CounterName>(name: N): CounterHandle<N>;
  gauge<N extends GaugeName>(name: N): GaugeHandle<N>;
  histogram<N extends HistogramName>(name: N): HistogramHandle<N>;
  /** Shows a series with value 0 before anything happens, so that `increase()` sees its first event. */
  init<N extends CounterName | GaugeName | HistogramName>(name: N, labels: LabelsOf<N>): void;
  /** Runs before each scrape, to set gauges that are read rather than counted; its errors are swallowed and counted. */
  onCollect(collect: () => void | Promise<void>): void;
  /** Keeps `pipeline_id` places for these pipelines. */
  preferPipelines(ids: readonly string[]): void;
  /** The store behind; for the exposition writer. */
  readonly store: MetricStore;
}

/** The definition of a metric; throws for a name that is not in the catalogue. */
export function definitionOf(name: MetricName): MetricDefinition {
  const definition: MetricDefinition | undefined = METRIC_CATALOGUE[name];
  if (definition === undefined) throw new Error(`the metric catalogue has no ${name}`);
  return definition;
}

/**
 * Creates the metrics of a service: all that the catalogue gives to it, with zero samples where every label has a
 * closed list of values. A metric of another service is registered when it is first recorded.
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
  return {
    service: options.service,
    store,
    counter: (name) => {
      store.register(name, definitionOf(name));
      return { inc: (labels, value = 1, exemplar) => store.inc(name, labels, value, exemplar ?? currentExemplar()) };
    },
    gauge: (name) => {
      store.register(name, definitionOf(name));
      return {
        set: (labels, value) => store.set(name, labels, value),
        add: (labels, delta) => store.add(name, labels, delta),
        remove: (labels) => store.remove(name, labels),
      };
    },
    histogram: (name) => {
      store.register(name, definitionOf(name));
      return {
        observe: (labels, value, exemplar) => store.observe(name, labels, value, exemplar ?? currentExemplar()),
      };
    },
    init: (name, labels) => {
      store.register(name, definitionOf(name));
      store.zero(name, labels);
    },
    onCollect: (collect) => store.onCollect(collect),
    preferPipelines: (ids) => store.guard.preferPipelines(ids),
  };
}
