import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { METRIC_CATALOGUE } from '@tripline/telemetry';
import { eventually } from '@tripline/testing';

import { listPanelQueries, renderPrometheusConfig, SCRAPE_JOBS } from '../../monitoring';
import { APP_NAMES } from '../../tools/demo/demo-environment';
import { seedDemo } from '../../tools/demo/seed';
import { createLocalStack, findProgram, type LocalStack } from '../../tools/local-stack';
import { ROOT, stackDir } from '../support/e2e-stack';
import { scrape } from '../support/metrics';
import { createSystem, type TestSystem } from '../support/system';

jest.setTimeout(120_000);

/** Section 4 of the Trading Platform document, in its order; histograms are queried by their count. */
const REQUIRED_METRICS = [
  'system_active_pipelines',
  'system_total_pipelines',
  'system_signal_pipelines',
  'system_periodic_pipelines',
  'system_active_users',
  'system_total_users',
  'system_executions_today_executions',
  'system_executions_running_executions',
  'system_executions_pending_executions',
  'system_success_rate_24h_percent',
  'pipeline_executions_total',
  'pipeline_execution_duration_seconds_count',
  'pipeline_agent_execution_duration_seconds_count',
  'pipeline_execution_cost_count',
  'signals_generated_total',
  'signal_generation_duration_seconds_count',
  'kafka_publish_success_total',
  'kafka_publish_failure_total',
  'kafka_publish_duration_seconds_count',
  'signals_consumed_total',
  'pipelines_matched_total',
  'pipelines_enqueued_total',
  'pipelines_skipped_running_total',
  'pipeline_cache_size',
  'batch_processing_duration_seconds_count',
  'http_server_request_duration_seconds_count',
  'http_server_active_requests',
  'http_server_requests_total',
  'db_client_operation_duration_seconds_count',
  'db_client_connections_usage',
  'redis_command_duration_seconds_count',
  'redis_commands_total',
] as const;

interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

let system: TestSystem;
/** Without them, the tests that need them are skipped. `npm test` reports this, and counts it as a failure on CI. */
const hasPrometheus = findProgram('prometheus') !== undefined && findProgram('promtool') !== undefined;

let prometheus: LocalStack | undefined;
let prometheusUrl = '';

async function query(expr: string): Promise<QueryResult[]> {
  const response = await fetch(`${prometheusUrl}/api/v1/query?query=${encodeURIComponent(expr)}`);
  const body = (await response.json()) as { status: string; error?: string; data: { result: QueryResult[] } };
  if (body.status !== 'success') throw new Error(`${expr}: ${body.error}`);
  return body.data.result;
}

async function startPrometheus(): Promise<void> {
  const dir = `${stackDir()}-prometheus`;
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const prometheusConfigFile = join(dir, 'prometheus.yml');
  const at = (app: (typeof APP_NAMES)[number]): string[] => [`127.0.0.1:${system.ports.metrics[app]}`];
  const config = renderPrometheusConfig({
    targets: {
      backend: at('api'),
      worker: at('worker'),
      'signal-generator': at('signal-generator'),
      'trigger-dispatcher': at('trigger-dispatcher'),
    },
    scrapeIntervalSeconds: 1,
    rulesDir: join(ROOT, 'monitoring/prometheus/rules'),
  });
  writeFileSync(prometheusConfigFile, config);
  const ports = { prometheus: [29_090] };
  prometheus = createLocalStack({ dir, components: ['prometheus'], environment: {}, ports, prometheusConfigFile });
  prometheusUrl = (await prometheus.start()).prometheusUrl ?? '';
}

beforeAll(async () => {
  system = await createSystem({
    name: 'metrics',
    // History produces signals from real bars; the mock feed keeps all rates above zero during the queries.
    env: {
      'signal-generator': { FEEDS: 'history,mock', REPLAY_SPEED: '80000000', MOCK_RATE_PER_SECOND: '20' },
    },
  });
  const { apps, ports, secrets } = system;
  await Promise.all([apps.api.start(), apps.worker.start()]);
  if (hasPrometheus) await startPrometheus();
  await seedDemo(`http://127.0.0.1:${ports.api}`, secrets.password);
  await apps['trigger-dispatcher'].start();
  await apps['signal-generator'].start();
});
afterAll(async () => {
  await prometheus?.stop();
  await system?.dispose();
});

(hasPrometheus ? describe : describe.skip)('a real Prometheus beside the running services', () => {
  it('has all four targets up', async () => {
    await eventually(
      async () => {
        const up = await query('up == 1');
        expect(up.map(({ metric }) => metric['job']).sort()).toEqual([...SCRAPE_JOBS].sort());
      },
      { timeoutMs: 20_000 },
    );
  });

  it('has samples of every metric the Trading Platform document names', async () => {
    await eventually(
      async () => {
        const found = await Promise.all(REQUIRED_METRICS.map(async (name) => (await query(name)).length > 0));
        expect(REQUIRED_METRICS.filter((_, index) => !found[index])).toEqual([]);
      },
      { timeoutMs: 45_000, intervalMs: 500 },
    );
  });

  it('answers every panel of the Trading Platform Overview with a number', async () => {
    const panels = listPanelQueries({ rateInterval: '20s', range: '1m' });
    expect(panels.length).toBeGreaterThanOrEqual(26);
    await eventually(
      async () => {
        const answers = await Promise.all(panels.map(({ expr }) => query(expr)));
        const isEmpty = (results: QueryResult[] | undefined): boolean =>
          results?.every(({ value }) => !Number.isFinite(Number(value[1]))) ?? true;
        const empty = panels.filter((_, index) => isEmpty(answers[index]));
        expect(empty.map(({ row, panel, expr }) => `${row} / ${panel}: ${expr}`)).toEqual([]);
      },
      { timeoutMs: 45_000, intervalMs: 500 },
    );
  });
});

/** Gauges that the documents' dashboards query under a counter's name; any other lint finding is a failure. */
const ASKED_FOR_NAMES = Object.entries(METRIC_CATALOGUE)
  .filter(([name, { type }]) => type === 'gauge' && name.endsWith('_total'))
  .map(([name]) => name);
/** The name prescribed by OpenTelemetry's conventions. */
const CONVENTION_NAMES = ['db_client_connection_count'];

(hasPrometheus ? describe : describe.skip)('the exposition', () => {
  it.each(APP_NAMES)('of %s passes promtool check metrics', async (app) => {
    const input = await scrape(system.ports.metrics[app]);
    const { stdout, stderr } = spawnSync(findProgram('promtool') ?? '', ['check', 'metrics'], {
      input,
      encoding: 'utf8',
    });
    const prescribed = new Set([...ASKED_FOR_NAMES, ...CONVENTION_NAMES]);
    const remarks = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
    expect(remarks.filter((line) => !prescribed.has(line.split(' ')[0] ?? ''))).toEqual([]);
  });
});
