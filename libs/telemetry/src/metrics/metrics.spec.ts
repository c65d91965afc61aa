import { createExposition } from '../exposition/exposition';
import { METRIC_CATALOGUE } from './catalogue';
import { type MetricDefinition, SERVICE_NAMES } from './definition';
import { createMetrics, MetricNotOwnedError } from './metrics';

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';

async function scrape(metrics: ReturnType<typeof createMetrics>, accept = OPENMETRICS): Promise<string[]> {
  return (await createExposition(metrics).render(accept)).body.split('\n');
}

describe('createMetrics', () => {
  it.each(SERVICE_NAMES)('gives %s the metrics the catalogue lists for it and no others', (service) => {
    const { store } = createMetrics({ service, defaultMetrics: false });
    for (const [name, { source, services }] of Object.entries<MetricDefinition>(METRIC_CATALOGUE)) {
      expect([name, store.has(name)]).toEqual([name, source === 'own' && services.includes(service)]);
    }
  });

  it('exports no gauge and no labelled series before its first value', async () => {
    const metrics = createMetrics({ service: 'trigger-dispatcher', defaultMetrics: false });
    const before = (await scrape(metrics)).join('\n');
    expect(before).not.toMatch(/pipeline_cache_size|kafka_consumer_lag|dead_signals/);
    expect(before).toContain('pipelines_enqueued_total 0');
    expect(before).toContain('batch_size_count 0');
    metrics.gauge('pipeline_cache_size').set({}, 0);
    expect(await scrape(metrics)).toContain('pipeline_cache_size 0');
  });

  it('starts the errors of the telemetry itself at zero, because nothing else could initialise them', async () => {
    const lines = await scrape(createMetrics({ service: 'worker', defaultMetrics: false }));
    expect(lines).toContain('telemetry_errors_total{component="logging"} 0');
  });

  it('throws for a handle of a metric that belongs to another service or is planned', () => {
    const metrics = createMetrics({ service: 'worker', defaultMetrics: false });
    expect(() => metrics.counter('pipelines_enqueued_total')).toThrow(MetricNotOwnedError);
    expect(() => metrics.gauge('pipeline_cache_size')).toThrow(MetricNotOwnedError);
    expect(() => metrics.histogram('batch_size')).toThrow(MetricNotOwnedError);
    expect(() => metrics.init('pipelines_enqueued_total', {})).toThrow(MetricNotOwnedError);
    // @ts-expect-error: the name of a planned metric does not compile.
    expect(() => metrics.gauge('pnl_total')).toThrow(MetricNotOwnedError);
  });

  it('counts, sets and observes under its labels', async () => {
    const metrics = createMetrics({ service: 'worker', defaultMetrics: false });
    const labels = { status: 'completed', pipeline_id: 'p1', trigger_mode: 'signal' } as const;
    metrics.counter('pipeline_executions_total').inc(labels);
    metrics.counter('pipeline_executions_total').inc(labels, 2);
    metrics.gauge('database_pool_connections').set({ state: 'idle' }, 2);
    metrics.gauge('database_pool_connections').add({ state: 'idle' }, -1);
    metrics.histogram('pipeline_execution_cost').observe({ pipeline_id: 'p1' }, 0.02);
    const lines = await scrape(metrics);
    expect(lines).toContain('pipeline_executions_total{status="completed",pipeline_id="p1",trigger_mode="signal"} 3');
    expect(lines).toContain('database_pool_connections{state="idle"} 1');
    expect(lines).toContain('pipeline_execution_cost_bucket{pipeline_id="p1",le="0.025"} 1');
    expect(lines).toContain('pipeline_execution_cost_bucket{pipeline_id="p1",le="0.01"} 0');
  });

  it('never throws, and counts what it had to drop', async () => {
    const metrics = createMetrics({ service: 'trigger-dispatcher', defaultMetrics: false });
    metrics.counter('pipelines_enqueued_total').inc({}, -1);
    metrics.counter('pipelines_enqueued_total').inc({}, Number.NaN);
    metrics.histogram('batch_size').observe({}, Number.POSITIVE_INFINITY);
    metrics.onCollect(() => Promise.reject(new Error('redis is down')));
    const lines = await scrape(metrics);
    expect(lines).toContain('pipelines_enqueued_total 0');
    expect(lines).toContain('telemetry_errors_total{component="metrics"} 4');
  });

  it('bounds pipeline_id and says so', async () => {
    const metrics = createMetrics({ service: 'worker', pipelineLabelLimit: 1, defaultMetrics: false });
    for (const pipeline_id of ['a', 'b', 'c']) {
      metrics.counter('pipeline_executions_total').inc({ status: 'failed', pipeline_id, trigger_mode: 'manual' });
    }
    const lines = await scrape(metrics);
    expect(lines).toContain('pipeline_executions_total{status="failed",pipeline_id="other",trigger_mode="manual"} 2');
    expect(lines).toContain('metric_label_overflow_total{metric="pipeline_executions_total",label="pipeline_id"} 2');
  });

  it('initialises a series without resetting it', async () => {
    const metrics = createMetrics({ service: 'worker', defaultMetrics: false });
    const labels = { strategy: 's', side: 'buy', status: 'filled' } as const;
    metrics.init('orders_total', labels);
    expect(await scrape(metrics)).toContain('orders_total{strategy="s",side="buy",status="filled"} 0');
    metrics.counter('orders_total').inc(labels);
    metrics.init('orders_total', labels);
    expect(await scrape(metrics)).toContain('orders_total{strategy="s",side="buy",status="filled"} 1');
  });

  it('runs collectors at each scrape and forgets removed series', async () => {
    const metrics = createMetrics({ service: 'trigger-dispatcher', defaultMetrics: false });
    let lag = 0;
    const gauge = metrics.gauge('kafka_consumer_lag');
    metrics.onCollect(() => gauge.set({ topic: 't', partition: 0 }, (lag += 1)));
    await scrape(metrics);
    expect(await scrape(metrics)).toContain('kafka_consumer_lag{topic="t",partition="0"} 2');
    gauge.set({ topic: 't', partition: 1 }, 5);
    gauge.remove({ topic: 't', partition: 1 });
    expect((await scrape(metrics)).filter((line) => line.includes('partition="1"'))).toEqual([]);
  });

  it('attaches exemplars in OpenMetrics only, and drops oversized ones without losing the sample', async () => {
    const metrics = createMetrics({ service: 'worker', defaultMetrics: false });
    const exemplar = { trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) };
    metrics.histogram('signal_age_at_order_seconds').observe({}, 0.3, exemplar);
    metrics.histogram('signal_age_at_order_seconds').observe({}, 9_999, exemplar);
    metrics.counter('database_pool_acquire_timeouts_total').inc({}, 3, exemplar);
    metrics.counter('redis_connection_errors_total').inc({}, 1, { trace_id: 'x'.repeat(200) });
    const ids = `trace_id="${exemplar.trace_id}",span_id="${exemplar.span_id}"`;
    const lines = await scrape(metrics);
    const find = (start: string) => lines.find((line) => line.startsWith(start));
    expect(find('signal_age_at_order_seconds_bucket{le="0.5"}')).toMatch(
      new RegExp(`^[^#]+ 1 # \\{${ids}\\} 0\\.3 \\d+(\\.\\d+)?$`),
    );
    expect(find('signal_age_at_order_seconds_bucket{le="+Inf"}')).toMatch(/ 2 # .* 9999 /);
    expect(find('database_pool_acquire_timeouts_total')).toMatch(
      new RegExp(`^database_pool_acquire_timeouts_total 3 # \\{${ids}\\} 3 `),
    );
    expect(find('redis_connection_errors_total')).toBe('redis_connection_errors_total 1');
    expect((await scrape(metrics, 'text/plain')).join('\n')).not.toContain('trace_id');
  });
});
