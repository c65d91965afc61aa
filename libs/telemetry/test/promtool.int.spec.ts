import { spawnSync } from 'node:child_process';

import { testProgram } from '@tripline/testing';

import { createExposition, createMetrics, METRIC_CATALOGUE, SERVICE_NAMES, type ServiceName } from '../src/index';

const TEXT = 'text/plain;version=0.0.4';
const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';

/** Gauges that dashboards ask for under a counter's name. */
const ASKED_FOR_NAMES = Object.entries(METRIC_CATALOGUE)
  .filter(([name, { type }]) => type === 'gauge' && name.endsWith('_total'))
  .map(([name]) => name);

const executable = testProgram('promtool');

function promtool(body: string): string[] {
  const { error, stdout, stderr, status } = spawnSync(executable ?? '', ['check', 'metrics'], {
    input: body,
    encoding: 'utf8',
  });
  if (error !== undefined) throw new Error('promtool cannot be started', { cause: error });
  const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
  if (status !== 0 && complaints.length === 0) throw new Error(`promtool ended with ${status}`);
  return complaints.filter((line) => !ASKED_FOR_NAMES.some((name) => line.startsWith(`${name} `)));
}

function createRecordedMetrics(service: ServiceName) {
  const metrics = createMetrics({ service });
  const exemplar = { trace_id: '0af7651916cd43dd8448eb211c80319c', span_id: 'b7ad6b7169203331' };
  metrics.counter('application_errors_total').inc({ error_type: 'a"b\\c\nd {x="1"} 💹' }, 2, exemplar);
  metrics.histogram('batch_size').observe({}, 12, exemplar);
  metrics.histogram('database_query_duration_seconds').observe({ query_type: 'select' }, 99, exemplar);
  metrics.gauge('position_value_usd').set({ strategy: 's', market: 'm' }, Number.NaN);
  return metrics;
}

(executable === undefined ? describe.skip : describe)('promtool check metrics', () => {
  it.each(SERVICE_NAMES)('finds nothing to complain about in the text of %s', async (service) => {
    const { body } = await createExposition(createRecordedMetrics(service)).render(TEXT);
    expect(promtool(body)).toEqual([]);
  });

  it('does complain when a line is broken', () => {
    expect(promtool('# TYPE x counter\nx{a="1} 1\n')).not.toEqual([]);
  });
});

describe('both formats', () => {
  it('hold the same samples', async () => {
    const exposition = createExposition(createRecordedMetrics('api'));
    const text = await exposition.render(TEXT);
    const open = await exposition.render(OPENMETRICS);
    const series = (body: string) =>
      body
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#') && !/^(process|nodejs)_/.test(line))
        .map((line) => line.replace(/ # \{.*$/, ''))
        .sort();
    expect(series(open.body)).toEqual(series(text.body));
  });
});
