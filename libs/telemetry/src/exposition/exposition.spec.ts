import { metrics as otelMetrics, ValueType } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

import { createMetrics } from '../metrics/metrics';
import { writeHandover } from '../tracing/handover';
import { PullMetricReader } from '../tracing/pull-metric-reader';
import { createExposition } from './exposition';

const OPENMETRICS = 'application/openmetrics-text';

function startOtel() {
  const metricReader = new PullMetricReader();
  const provider = new MeterProvider({ readers: [metricReader] });
  writeHandover({ service: 'api', metricReader, shutdown: () => provider.shutdown() });
  return provider;
}

describe('createExposition', () => {
  afterEach(() => {
    writeHandover(undefined);
    otelMetrics.disable();
  });

  it('names the format it wrote and ends OpenMetrics with EOF', async () => {
    const exposition = createExposition(createMetrics({ service: 'api' }));
    const open = await exposition.render(OPENMETRICS);
    const text = await exposition.render();
    expect(open.contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(open.body.endsWith('\n# EOF\n')).toBe(true);
    expect(text.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text.body).not.toContain('# EOF');
    expect(text.body.endsWith('\n')).toBe(true);
  });

  it('keeps _total on counter samples in both formats and strips it from the OpenMetrics family', async () => {
    const exposition = createExposition(createMetrics({ service: 'api' }));
    const open = (await exposition.render(OPENMETRICS)).body;
    const text = (await exposition.render()).body;
    expect(open).toContain('# TYPE queue_collect_errors counter\nqueue_collect_errors_total 0\n');
    expect(text).toContain('# TYPE queue_collect_errors_total counter\nqueue_collect_errors_total 0\n');
    expect(open).toContain('# TYPE process_cpu_seconds counter\nprocess_cpu_seconds_total ');
    expect(open).toContain('nodejs_eventloop_lag_seconds ');
  });

  it('escapes label values and prints special numbers', async () => {
    const metrics = createMetrics({ service: 'api' });
    metrics.counter('application_errors_total').inc({ error_type: 'a"b\\c\nd' });
    metrics.gauge('queue_depth').set({ channel: 'c' }, Number.NaN);
    metrics.gauge('jobs_pending').set({}, Number.NEGATIVE_INFINITY);
    const { body } = await createExposition(metrics).render();
    expect(body).toContain('application_errors_total{error_type="a\\"b\\\\c\\nd"} 1\n');
    expect(body).toContain('queue_depth{channel="c"} NaN\n');
    expect(body).toContain('jobs_pending -Inf\n');
  });

  it('merges OpenTelemetry families once per name, with their unit and the scopes told apart', async () => {
    const provider = startOtel();
    for (const scope of ['http', 'undici']) {
      provider
        .getMeter(scope)
        .createHistogram('http.client.request.duration', {
          unit: 's',
          description: `by ${scope}`,
          valueType: ValueType.DOUBLE,
          advice: { explicitBucketBoundaries: [0.5, 1] },
        })
        .record(0.7, { 'http.request.method': 'GET' });
    }
    const { body } = await createExposition(createMetrics({ service: 'api' })).render(OPENMETRICS);
    expect(body.match(/# TYPE http_client_request_duration_seconds histogram/g)).toHaveLength(1);
    for (const scope of ['http', 'undici']) {
      const labels = `otel_scope_name="${scope}",http_request_method="GET"`;
      expect(body).toContain(`http_client_request_duration_seconds_bucket{${labels},le="0.5"} 0\n`);
      expect(body).toContain(`http_client_request_duration_seconds_bucket{${labels},le="1.0"} 1\n`);
      expect(body).toContain(`http_client_request_duration_seconds_count{${labels}} 1\n`);
    }
  });

  it('drops families without a usable unit and those it has itself', async () => {
    const meter = startOtel().getMeter('test');
    meter.createHistogram('messaging.process.duration').record(1);
    meter.createHistogram('bullmq.job.duration', { unit: 'ms' }).record(1);
    meter.createUpDownCounter('http.active_requests').add(5);
    meter.createCounter('queue.collect_errors', { unit: '{error}' }).add(5);
    meter.createUpDownCounter('db.client.connection.count', { unit: '{connection}' }).add(2, { state: 'idle' });
    meter.createCounter('sent', { unit: 'By' }).add(7);
    const metrics = createMetrics({ service: 'api' });
    metrics.gauge('http_active_requests').set({}, 1);
    const { body } = await createExposition(metrics).render();
    expect(body).not.toMatch(/messaging|bullmq/);
    expect(body.match(/^http_active_requests.*$/gm)).toEqual(['http_active_requests 1']);
    expect(body.match(/^queue_collect_errors_total.*$/gm)).toEqual(['queue_collect_errors_total 0']);
    expect(body).toContain('db_client_connection_count{otel_scope_name="test",state="idle"} 2\n');
    expect(body).toContain('# TYPE sent_bytes_total counter\nsent_bytes_total{otel_scope_name="test"} 7\n');
  });

  it('still writes its own metrics when the reader fails', async () => {
    writeHandover({
      service: 'api',
      metricReader: { collect: () => Promise.reject(new Error('broken')) },
      shutdown: () => Promise.resolve(),
    });
    const { body } = await createExposition(createMetrics({ service: 'api' })).render();
    expect(body).toContain('telemetry_errors_total{component="exposition"} 1\n');
  });
});
