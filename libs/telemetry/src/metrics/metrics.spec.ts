import { createExposition } from '../exposition/exposition';
import { METRIC_CATALOGUE } from './catalogue';
import { SERVICE_NAMES } from './definition';
import { createMetrics } from './metrics';

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';

async function scrape(metrics: ReturnType<typeof createMetrics>, accept = OPENMETRICS): Promise<string[]> {
  return (await createExposition(metrics).render(accept)).body.split('\n');
}

describe('createMetrics', () => {
  it.each(SERVICE_NAMES)('shows every metric of %s before anything happened', async (service) => {
    const lines = await scrape(createMetrics({ service, defaultMetrics: false }), 'text/plain');
    const typed = lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ')[2]);
    const owned = Object.entries(METRIC_CATALOGUE)
      .filter(([, definition]) => definition.source === 'own' && [...definition.services].includes(service))
      .map(([name]) => name);
    expect(typed.sort()).toEqual(owned.sort());
  });

  it('starts series with closed labels at zero', async () => {
    const lines = await scrape(createMetrics({ service: 'trigger-dispatcher' }));
    expect(lines).toContain('dead_signals_total{reason="not_json"} 0');
    expect(lines).toContain('pipelines_enqueued_total 0');
    expect(lines).toContain('batch_size_count 0');
  });

  it('counts, sets and observes under its labels', async () => {
    const metrics = createMetrics({ service: 'worker', defaultMetrics: false });
    const labels = { status: 'completed', pipeline_id: 'p1', trigger_mode: 'signal' } as const;
    metrics.counter('pipeline_executions_total').inc(labels);
    metrics.counter('pipeline_executions_total').inc(labels, 2);
    metrics.gauge('circuit_breaker_state').set({ component: 'broker' }, 2);
    metrics.gauge('circuit_breaker_state').add({ component: 'broker' }, -1);
    metrics.histogram('pipeline_execution_cost').observe({ pipeline_id: 'p1' }, 0.02);
    const lines = await scrape(metrics);
    expect(lines).toContain('pipeline_executions_total{status="completed",pipeline_id="p1",trigger_mode="signal"} 3');
    expect(lines).toContain('circuit_breaker_state{component="broker"} 1');
    expect(lines).toContain('pipeline_execution_cost_bucket{pipeline_id="p1",le="0.025"} 1');
    expect(lines).toContain('pipeline_execution_cost_bucket{pipeline_id="p1",le="0.01"} 0');
  });

  it('never throws, and counts what it had to drop', async () => {
    const metrics = createMetrics({ service: 'worker', defaultMetrics: false });
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
    metrics.init('pipeline_execution_cost', { pipeline_id: 'p1' });
    metrics.histogram('pipeline_execution_cost').observe({ pipeline_id: 'p1' }, 1);
    metrics.init('pipeline_execution_cost', { pipeline_id: 'p1' });
    metrics.init('orders_total', { strategy: 's', side: 'buy', status: 'filled' });
    const lines = await scrape(metrics);
    expect(lines).toContain('pipeline_execution_cost_count{pipeline_id="p1"} 1');
    expect(lines).toContain('orders_total{strategy="s",side="buy",status="filled"} 0');
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
    metrics.counter('pipelines_enqueued_total').inc({}, 3, exemplar);
    metrics.counter('pipelines_skipped_running_total').inc({}, 1, { trace_id: 'x'.repeat(200) });
    const ids = `trace_id="${exemplar.trace_id}",span_id="${exemplar.span_id}"`;
    const lines = await scrape(metrics);
    const find = (start: string) => lines.find((line) => line.startsWith(start));
    expect(find('signal_age_at_order_seconds_bucket{le="0.5"}')).toMatch(
      new RegExp(`^[^#]+ 1 # \\{${ids}\\} 0\\.3 \\d+(\\.\\d+)?$`),
    );
    expect(find('signal_age_at_order_seconds_bucket{le="+Inf"}')).toMatch(/ 2 # .* 9999 /);
    expect(find('pipelines_enqueued_total')).toMatch(new RegExp(`^pipelines_enqueued_total 3 # \\{${ids}\\} 3 `));
    expect(find('pipelines_skipped_running_total')).toBe('pipelines_skipped_running_total 1');
    expect((await scrape(metrics, 'text/plain')).join('\n')).not.toContain('trace_id');
  });
});
