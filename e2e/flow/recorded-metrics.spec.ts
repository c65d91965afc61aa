import { METRIC_CATALOGUE } from '@tripline/telemetry';
import { createKafkaConnection, createProducer, kafkaConfigSchema } from '@tripline/messaging';
import { eventually } from '@tripline/testing';

import { FAULT_METRICS, RARE_METRICS } from '../../monitoring';
import { APP_NAMES, type AppName } from '../../tools/demo/demo-environment';
import { seedDemo } from '../../tools/demo/seed';
import { scrape } from '../support/metrics';
import { createSystem, type TestSystem } from '../support/system';

jest.setTimeout(120_000);

interface Registered {
  readonly name: string;
  readonly type: string;
}

function isProvedElsewhere(app: AppName, name: string): boolean {
  return FAULT_METRICS.has(name) || RARE_METRICS.some(({ service, metric }) => service === app && metric === name);
}

/** Metrics that the catalogue assigns to a service, except those that other specs cover. */
function registeredBy(app: AppName): Registered[] {
  return Object.entries(METRIC_CATALOGUE)
    .filter(
      ([name, { services, source }]) => source === 'own' && services.includes(app) && !isProvedElsewhere(app, name),
    )
    .map(([name, { type }]) => ({ name, type }));
}

/** True for a counter above 0, a histogram with an observation, or a gauge with any value (a gauge set to 0 counts). */
function isRecorded(exposition: string, { name, type }: Registered): boolean {
  const sample = type === 'histogram' ? `${name}_count` : name;
  const values = exposition
    .split('\n')
    .filter((line) => line.startsWith(`${sample} `) || line.startsWith(`${sample}{`))
    .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
  return type === 'gauge' ? values.length > 0 : values.some((value) => value > 0);
}

let system: TestSystem;

async function call(method: 'GET' | 'POST', path: string, options: { body?: unknown; token?: string } = {}) {
  const { body, token } = options;
  return fetch(`http://127.0.0.1:${system.ports.api}${path}`, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** Causes what signals alone do not: a failed login, a published signal, a manual execution, an invalid record. */
async function useTheApi(): Promise<void> {
  const account = { email: 'admin@tripline.local', password: system.secrets.password };
  await call('POST', '/api/auth/login', { body: { ...account, password: 'not the password' } });
  const login = await call('POST', '/api/auth/login', { body: account });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const published = await call('POST', '/api/signals', {
    token,
    body: { signal_type: 'custom', source: 'test', tickers: [{ ticker: 'AAPL', signal: 'BULLISH', confidence: 50 }] },
  });
  const pipeline = await call('POST', '/api/pipelines', {
    token,
    body: { name: 'by hand', trigger_mode: 'manual', tickers: ['AAPL'] },
  });
  const { id } = (await pipeline.json()) as { id: string };
  const run = await call('POST', `/api/pipelines/${id}/run`, { token });
  expect([published.status, pipeline.status, run.status]).toEqual([202, 201, 200]);
}

async function publishBadRecord(): Promise<void> {
  const settings = { ...system.servers, KAFKA_CLIENT_ID: 'recorded-metrics' };
  const producer = createProducer(createKafkaConnection(kafkaConfigSchema.parse(settings)));
  await producer.start();
  await producer.send(system.names.topic, [{ key: 'AAPL', value: 'not a signal' }]);
  await producer.stop();
}

beforeAll(async () => {
  system = await createSystem({
    name: 'recorded_metrics',
    env: { 'signal-generator': { FEEDS: 'history,mock', REPLAY_SPEED: '80000000', MOCK_RATE_PER_SECOND: '20' } },
  });
  const { apps, ports, secrets } = system;
  await Promise.all([apps.api.start(), apps.worker.start()]);
  await seedDemo(`http://127.0.0.1:${ports.api}`, secrets.password);
  await apps['trigger-dispatcher'].start();
  await apps['signal-generator'].start();
  await Promise.all([useTheApi(), publishBadRecord()]);
});
afterAll(() => system?.dispose());

describe('after the whole flow', () => {
  it.each(APP_NAMES)('%s has recorded every metric it registers, apart from the listed faults', async (app) => {
    await eventually(
      async () => {
        const exposition = await scrape(system.ports.metrics[app]);
        const silent = registeredBy(app).filter((metric) => !isRecorded(exposition, metric));
        expect(silent.map(({ name }) => name)).toEqual([]);
      },
      { timeoutMs: 60_000, intervalMs: 500 },
    );
  });

  it.each(APP_NAMES)('%s exports no metric that the catalogue gives to other services', async (app) => {
    const exposition = await scrape(system.ports.metrics[app]);
    const foreign = Object.entries(METRIC_CATALOGUE).filter(([, { services }]) => !services.includes(app));
    const exported = foreign.filter(([name]) => exposition.includes(`# TYPE ${name} `));
    expect(exported.map(([name]) => name)).toEqual([]);
  });
});

describe('isRecorded', () => {
  const text = 'a_total 0\nb_total{x="y"} 3\nc_count 0\nd_count{x="y"} 1\ne 0\n';

  it('requires a counter or histogram above zero, and any sample of a gauge', () => {
    const found = [
      { name: 'a_total', type: 'counter' },
      { name: 'b_total', type: 'counter' },
      { name: 'c', type: 'histogram' },
      { name: 'd', type: 'histogram' },
      { name: 'e', type: 'gauge' },
      { name: 'f', type: 'gauge' },
    ].filter((metric) => isRecorded(text, metric));
    expect(found.map(({ name }) => name)).toEqual(['b_total', 'd', 'e']);
  });
});
