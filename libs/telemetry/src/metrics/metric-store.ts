import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  openMetricsContentType,
  type OpenMetricsContentType,
  Registry,
} from 'prom-client';

import type { MetricDefinition } from './definition';
import { fittingExemplar } from './exemplar';
import { LabelGuard } from './label-guard';
import type { TELEMETRY_COMPONENTS } from './label-values';

type Labels = Readonly<Record<string, unknown>>;
type ExemplarLabels = Readonly<Record<string, string>> | undefined;
type TelemetryComponent = (typeof TELEMETRY_COMPONENTS)[number];

/** Exemplars need a registry constructed as OpenMetrics; the published types leave out the constructor's argument. */
const OpenMetricsRegistry = Registry as new (contentType: OpenMetricsContentType) => Registry<OpenMetricsContentType>;

interface Registered {
  readonly definition: MetricDefinition;
  readonly instrument: Counter | Gauge | Histogram;
}

export interface MetricStoreOptions {
  readonly pipelineLabelLimit: number;
  readonly pipelineHistogramLabelLimit: number;
  readonly defaultMetrics: boolean;
}

/** prom-client behind guarded, never-throwing calls. Not exported from the library. */
export class MetricStore {
  /** Read by `getMetricsAsJSON()` only: `metrics()` strips `_total` from names when exemplars are on. */
  readonly registry = new OpenMetricsRegistry(openMetricsContentType);
  readonly guard: LabelGuard;
  private readonly registered = new Map<string, Registered>();
  private readonly collectors: (() => void | Promise<void>)[] = [];

  constructor(options: MetricStoreOptions) {
    this.guard = new LabelGuard({
      pipelineLabelLimit: options.pipelineLabelLimit,
      pipelineHistogramLabelLimit: options.pipelineHistogramLabelLimit,
      onOverflow: (metric, label) => this.countOverflow(metric, label),
    });
    if (options.defaultMetrics) this.collectProcessMetrics();
  }

  /** Adds a metric, without any labelled series. */
  register(name: string, definition: MetricDefinition): void {
    const instrument = this.createInstrument(name, definition);
    // prom-client starts a gauge without labels at 0, a value that was never measured.
    if (instrument instanceof Gauge) instrument.remove({});
    this.registered.set(name, { definition, instrument });
  }

  has(name: string): boolean {
    return this.registered.has(name);
  }

  inc(name: string, labels: Labels, value: number, exemplar: ExemplarLabels): void {
    this.attempt(name, ({ definition, instrument }) => {
      // prom-client lets NaN through, which would spoil the series for good.
      if (!Number.isFinite(value)) throw new RangeError('a counter rises by a finite number');
      const exemplarLabels = fittingExemplar(exemplar);
      const guarded = this.guard.apply(name, 'counter', definition.labels, labels);
      // The object form: with exemplars on, `inc(labels, n)` adds 1 to the unlabelled series.
      (instrument as Counter).inc({ labels: guarded, value, ...(exemplarLabels && { exemplarLabels }) });
    });
  }

  set(name: string, labels: Labels, value: number): void {
    this.attempt(name, ({ definition, instrument }) =>
      (instrument as Gauge).set(this.guard.apply(name, 'gauge', definition.labels, labels), value),
    );
  }

  add(name: string, labels: Labels, delta: number): void {
    this.attempt(name, ({ definition, instrument }) => {
      if (!Number.isFinite(delta)) throw new RangeError('a gauge changes by a finite number');
      (instrument as Gauge).inc(this.guard.apply(name, 'gauge', definition.labels, labels), delta);
    });
  }

  remove(name: string, labels: Labels): void {
    this.attempt(name, ({ definition, instrument }) =>
      instrument.remove(this.guard.apply(name, 'gauge', definition.labels, labels)),
    );
  }

  observe(name: string, labels: Labels, value: number, exemplar: ExemplarLabels): void {
    this.attempt(name, ({ definition, instrument }) => {
      const exemplarLabels = fittingExemplar(exemplar);
      const guarded = this.guard.apply(name, 'histogram', definition.labels, labels);
      (instrument as Histogram).observe({ labels: guarded, value, ...(exemplarLabels && { exemplarLabels }) });
    });
  }

  /** Makes a series of a counter exist with value 0; an existing series keeps its value. */
  zero(name: string, labels: Labels): void {
    this.inc(name, labels, 0, undefined);
  }

  onCollect(collect: () => void | Promise<void>): void {
    this.collectors.push(collect);
  }

  /** Runs the collectors at the same time; one that fails costs its own values only. */
  async runCollectors(): Promise<void> {
    await Promise.all(
      this.collectors.map(async (collect) => {
        try {
          await collect();
        } catch {
          this.countError('metrics');
        }
      }),
    );
  }

  countError(component: TelemetryComponent): void {
    const instrument = this.registered.get('telemetry_errors_total')?.instrument;
    if (instrument instanceof Counter) instrument.inc({ labels: { component }, value: 1 });
  }

  /** Without the gauges named `_total`, which double labelled ones and break the naming rule of counters. */
  private collectProcessMetrics(): void {
    collectDefaultMetrics({ register: this.registry });
    for (const kind of ['handles', 'requests', 'resources']) {
      this.registry.removeSingleMetric(`nodejs_active_${kind}_total`);
    }
  }

  private countOverflow(metric: string, label: string): void {
    const instrument = this.registered.get('metric_label_overflow_total')?.instrument;
    if (instrument instanceof Counter) instrument.inc({ labels: { metric, label }, value: 1 });
  }

  private attempt(name: string, record: (entry: Registered) => void): void {
    try {
      const entry = this.registered.get(name);
      if (entry === undefined) throw new Error(`metric ${name} is not registered`);
      record(entry);
    } catch {
      this.countError('metrics');
    }
  }

  private createInstrument(name: string, definition: MetricDefinition): Counter | Gauge | Histogram {
    const common = {
      name,
      help: definition.help,
      labelNames: Object.keys(definition.labels),
      registers: [this.registry],
    };
    if (definition.type === 'counter') return new Counter({ ...common, enableExemplars: true });
    if (definition.type === 'gauge') return new Gauge(common);
    return new Histogram({ ...common, enableExemplars: true, buckets: [...(definition.buckets ?? [])] });
  }
}
