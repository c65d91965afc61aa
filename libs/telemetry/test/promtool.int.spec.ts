import { spawnSync } from 'node:child_process';

import { testProgram } from '@tripline/testing';

import {
  createExposition,
  createMetrics,
  METRIC_CATALOGUE,
  type MetricDefinition,
  SERVICE_NAMES,
  type ServiceName,
} from '../src/index';

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

/** Records every metric of the service once, through the store, because the names are not known to the compiler. */
function createRecordedMetrics(service: ServiceName) {
  const metrics = createMetrics({ service });
  const exemplar = { trace_id: '0af7651916cd43dd8448eb211c80319c', span_id: 'b7ad6b7169203331' };
  for (const [name, { type, labels, services, source }] of Object.entries<MetricDefinition>(METRIC_CATALOGUE)) {
    if (source !== 'own' || !services.includes(service)) continue;
    const values = Object.fromEntries(Object.keys(labels).map((label) => [label, 'a"b\\c\nd {x="1"} 💹']));
    if (type === 'counter') metrics.store.inc(name, values, 2, exemplar);
    else if (type === 'gauge') metrics.store.set(name, values, Number.NaN);
    else metrics.store.observe(name, values, 99, exemplar);
  }
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
