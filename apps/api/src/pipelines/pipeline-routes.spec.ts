import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { createApiFixture, type Account, type ApiFixture } from '../../test/api-fixture';
import type { ErrorEnvelope } from '../http/error-schemas';

interface PipelineBody {
  id: string;
  version: number;
  name: string;
  tickers: string[];
  cooldown_seconds: number;
  scanner_id: string | null;
  agents: { risk_manager: { allow_short: boolean; risk_per_trade_percent: number } };
}

function rule(kind: string, conditions: number): object {
  const types = Array.from({ length: conditions }, (_, index) => ({ signal_type: `type_${index}` }));
  return { kind, conditions: types, within_seconds: 60 };
}

describe('pipelines', () => {
  let api: ApiFixture;
  let user: Account;
  let count = 0;
  beforeAll(async () => {
    api = await createApiFixture();
    user = await api.login('trader');
  });
  afterAll(() => api.app.close());

  const call = (method: 'GET' | 'POST' | 'PUT' | 'PATCH', url: string, payload?: object, headers: object = {}) =>
    api.app.inject({ method, url, headers: { ...user.headers, ...headers }, ...(payload ? { payload } : {}) });
  const create = async (values: object = {}) => {
    count += 1;
    const response = await call('POST', '/api/pipelines', { name: `p${count}`, tickers: ['^SPX'], ...values });
    expect(response.statusCode).toBe(201);
    return response.json<PipelineBody>();
  };
  const issueOf = (body: ErrorEnvelope) => (body.error.details?.['issues'] as { path: string }[])[0]?.path;

  it('are returned as sent, with defaults, version and ETag', async () => {
    const created = await create({ cooldown_seconds: 60, signal_subscriptions: [{ signal_type: 'rsi_oversold' }] });
    expect(created).toMatchObject({ version: 1, cooldown_seconds: 60, tickers: ['^SPX'], is_active: true });
    const read = await call('GET', `/api/pipelines/${created.id}`);
    expect(read.json()).toEqual(created);
    expect(read.headers['etag']).toBe('"1"');
  });

  it.each([
    {
      trigger_mode: 'periodic',
      schedule: { at: 'close-10m', calendar: 'XNYS', catch_up: 'all' },
      overlap_policy: 'queue',
      overlap_limit: 20,
    },
    { trigger_mode: 'periodic', schedule: { cron: '0 9 * * 1-5', time_zone: 'Europe/Berlin', catch_up: 'skip' } },
    {
      tickers: ['*', 'BTC-*'],
      overlap_policy: 'queue',
      overlap_key: 'ticker',
      overlap_limit: 5,
      overlap_ttl_seconds: 60,
    },
    { overlap_policy: 'parallel', overlap_limit: 4, market_hours: { calendar: 'XNYS', session: 'extended' } },
    { signal_rule: { ...rule('n_of', 3), count: 2 }, min_quality: 0.7, signal_age_from: 'append' },
    { signal_rule: { ...rule('absence', 1), none_of: [{ signal_type: 'exit', source: 'desk' }] } },
    { trigger_mode: 'webhook', venue: 'paper' },
  ])('come back as they were sent: %j', async (values) => {
    const created = await create(values);
    expect(created).toMatchObject(values);
    // A response body is a valid request body.
    const patched = await call('PATCH', `/api/pipelines/${created.id}`, { cooldown_seconds: 7 });
    expect(patched.json()).toMatchObject({ ...values, cooldown_seconds: 7 });
  });

  it('accept the examples of docs/triggers.md', async () => {
    const text = readFileSync(join(__dirname, '../../../../docs/triggers.md'), 'utf8');
    const examples = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) => JSON.parse(json) as object);
    expect(examples.length).toBeGreaterThan(2);
    for (const example of examples) await create({ ...example, name: `example ${count}` });
  });

  it('merge a patch: omitted fields stay, null restores the default', async () => {
    const { id } = await create({ cooldown_seconds: 60, agents: { risk_manager: { risk_per_trade_percent: 3 } } });
    const patched = await call('PATCH', `/api/pipelines/${id}`, { agents: { risk_manager: { allow_short: false } } });
    expect(patched.json<PipelineBody>()).toMatchObject({
      version: 2,
      cooldown_seconds: 60,
      agents: { risk_manager: { allow_short: false, risk_per_trade_percent: 3 } },
    });
    const reset = await call('PATCH', `/api/pipelines/${id}`, { cooldown_seconds: null });
    expect(reset.json<PipelineBody>()).toMatchObject({ version: 3, cooldown_seconds: 0 });
    const versions = (await call('GET', `/api/pipelines/${id}/versions`)).json<{ items: { version: number }[] }>();
    expect(versions.items.map(({ version }) => version)).toEqual([1, 2, 3]);
  });

  it('reset fields that a replacement omits to their defaults', async () => {
    const { id } = await create({ cooldown_seconds: 60 });
    const replaced = await call('PUT', `/api/pipelines/${id}`, { name: `replaced ${id}`, tickers: ['AAPL'] });
    expect(replaced.json<PipelineBody>()).toMatchObject({ version: 2, cooldown_seconds: 0, tickers: ['AAPL'] });
  });

  it('deny a change of a version that is no longer the newest', async () => {
    const { id } = await create();
    await call('PATCH', `/api/pipelines/${id}`, { cooldown_seconds: 1 });
    const late = await call('PATCH', `/api/pipelines/${id}`, { cooldown_seconds: 2 }, { 'if-match': '"1"' });
    expect(late.statusCode).toBe(409);
    expect(late.json<ErrorEnvelope>().error).toMatchObject({ code: 'CONFLICT', details: { current_version: 2 } });
  });

  it.each([
    [{ tickers: [] }, 'tickers'],
    [{ trigger_mode: 'periodic' }, 'schedule'],
    [{ schedule: { cron: '0 9 * * *' } }, 'schedule'],
    [{ trigger_mode: 'periodic', schedule: { cron: 'often' } }, 'schedule.cron'],
    [{ trigger_mode: 'periodic', schedule: { cron: '0 0 30 2 *' } }, 'schedule.cron'],
    [{ trigger_mode: 'periodic', schedule: { cron: '0 9 * * *', time_zone: 'Mars/Olympus' } }, 'schedule.time_zone'],
    [{ trigger_mode: 'periodic', schedule: { cron: '2027-01-01T00:00:00' } }, 'schedule.cron'],
    [{ trigger_mode: 'periodic', schedule: { cron: '2027-01-01 00:00:00' } }, 'schedule.cron'],
    [{ trigger_mode: 'periodic', schedule: { cron: '0 9 * * *', time_zone: '+05:30' } }, 'schedule.time_zone'],
    [{ trigger_mode: 'periodic', schedule: { cron: '0 9 * * *', time_zone: '-0500' } }, 'schedule.time_zone'],
    [{ trigger_mode: 'periodic', schedule: {} }, 'schedule.cron'],
    [{ trigger_mode: 'periodic', schedule: { cron: '0 9 * * *', at: 'open', calendar: 'XNYS' } }, 'schedule.at'],
    [{ trigger_mode: 'periodic', schedule: { cron: '0 9 * * *', calendar: 'XNYS' } }, 'schedule.calendar'],
    [{ trigger_mode: 'periodic', schedule: { at: 'noon', calendar: 'XNYS' } }, 'schedule.at'],
    [{ trigger_mode: 'periodic', schedule: { at: 'open+5m' } }, 'schedule.calendar'],
    [{ trigger_mode: 'periodic', schedule: { at: 'open+5m', calendar: 'NYSE' } }, 'schedule.calendar'],
    [
      {
        trigger_mode: 'periodic',
        schedule: { at: 'close', calendar: 'XNYS' },
        market_hours: { calendar: 'XNYS' },
      },
      'schedule.at',
    ],
    [{ trigger_mode: 'periodic', schedule: { at: 'open+5m', catch_up: 'never' } }, 'schedule.catch_up'],
    [{ trigger_mode: 'periodic', schedule: { cron: '0 9 * * *', catch_up: 'all' } }, 'schedule.catch_up'],
    [{ market_hours: { calendar: 'NYSE' } }, 'market_hours.calendar'],
    [{ market_hours: { calendar: 'XNYS', session: 'night' } }, 'market_hours.session'],
    [{ overlap_limit: 3 }, 'overlap_limit'],
    [{ overlap_policy: 'parallel', overlap_limit: 3, overlap_ttl_seconds: 5 }, 'overlap_ttl_seconds'],
    [{ overlap_policy: 'replace', overlap_ttl_seconds: 5 }, 'overlap_ttl_seconds'],
    [{ min_quality: 1.01 }, 'min_quality'],
    [{ trigger_mode: 'manual', min_quality: 0.5 }, 'min_quality'],
    [{ trigger_mode: 'webhook', tickers: ['*', 'BTC-*'] }, 'tickers'],
    [{ tickers: ['BTC*USD'] }, 'tickers.0'],
    [{ trigger_mode: 'manual', signal_rule: rule('all', 2) }, 'signal_rule'],
    [{ signal_subscriptions: [{ min_confidence: 5 }], signal_rule: rule('all', 2) }, 'signal_subscriptions'],
    [{ signal_rule: rule('n_of', 3) }, 'signal_rule.count'],
    [{ signal_rule: { ...rule('n_of', 3), count: 4 } }, 'signal_rule.count'],
    [{ signal_rule: { ...rule('all', 3), count: 2 } }, 'signal_rule.count'],
    [{ signal_rule: rule('sequence', 1) }, 'signal_rule.conditions'],
    [{ signal_rule: rule('absence', 2) }, 'signal_rule.conditions'],
    [{ signal_rule: rule('absence', 1) }, 'signal_rule.none_of'],
    [{ signal_rule: rule('any', 9) }, 'signal_rule.conditions'],
    [{ signal_rule: { ...rule('any', 1), within_seconds: 367 * 86_400 } }, 'signal_rule.within_seconds'],
    [{ tickers: [], scanner_id: '6f1e0d0c-0000-4000-8000-000000000000' }, 'scanner_id'],
    [{ scanner_id: '6f1e0d0c-0000-4000-8000-000000000000' }, 'tickers'],
    [{ agents: { bias: { fast_period: 60 } } }, 'agents.bias'],
    [{ id: '6f1e0d0c-0000-4000-8000-000000000000' }, ''],
  ])('refuse %j and name the field', async (values, path) => {
    const response = await call('POST', '/api/pipelines', { name: 'bad', tickers: ['^SPX'], ...values });
    expect(response.statusCode).toBe(400);
    expect(issueOf(response.json<ErrorEnvelope>())).toBe(path);
  });

  it("give the same answer to another user's scanner as to an unknown one", async () => {
    const other = await api.login('trader');
    const payload = { name: 'theirs', tickers: ['^SPX'] };
    const scanner = await api.app.inject({ method: 'POST', url: '/api/scanners', headers: other.headers, payload });
    const response = await call('POST', '/api/pipelines', { name: 'x', scanner_id: scanner.json<{ id: string }>().id });
    expect(response.statusCode).toBe(400);
    expect(issueOf(response.json<ErrorEnvelope>())).toBe('scanner_id');
  });

  it('execute manually through the decision and the queue, once per idempotency key', async () => {
    const { id } = await create();
    const run = () => call('POST', `/api/pipelines/${id}/run`, {}, { 'idempotency-key': 'once' });
    // The fixture's decision log belongs to the newest user.
    const [first, second] = [await run(), await run()];
    expect(first.json()).toMatchObject({ pipeline_id: id, outcome: 'TRIGGERED', trigger_mode: 'manual' });
    expect(second.statusCode === 404 || second.json<{ signal_id: string }>().signal_id !== undefined).toBe(true);
    expect(api.triggers.filter(({ pipelineId }) => pipelineId === id)).toHaveLength(1);
    expect(api.enqueued).toHaveLength(1);
  });

  it('execute manually on a ticker they watch by name or pattern, and on the first ticker by default', async () => {
    const run = async (tickers: string[], payload: object) => {
      const { id } = await create({ tickers });
      const response = await call('POST', `/api/pipelines/${id}/run`, payload);
      return response.statusCode === 200 ? api.triggers.at(-1)?.ticker : issueOf(response.json());
    };
    expect(await run(['BTC-*', 'AAPL'], {})).toBe('AAPL');
    expect(await run(['BTC-*', 'AAPL'], { ticker: 'BTC-USD' })).toBe('BTC-USD');
    expect(await run(['BTC-*', 'AAPL'], { ticker: 'ETH-USD' })).toBe('ticker');
    expect(await run(['BTC-*'], {})).toBe('ticker');
  });

  it("deny a manual execution of a future event and of another user's pipeline", async () => {
    const { id } = await create({ tickers: ['AAPL'] });
    const run = (occurred_at: string) => call('POST', `/api/pipelines/${id}/run`, { occurred_at });
    const denied = await run('2028-01-01T00:00:00Z');
    expect([denied.statusCode, denied.json<ErrorEnvelope>().error.code]).toEqual([400, 'EVENT_TIME_IN_FUTURE']);
    expect(api.triggers.filter(({ pipelineId }) => pipelineId === id)).toEqual([]);
    const { headers } = await api.login('trader');
    const url = `/api/pipelines/${id}/run`;
    expect((await api.app.inject({ method: 'POST', url, headers, payload: {} })).statusCode).toBe(404);
    expect((await run(new Date(api.clock.now() + 60_000).toISOString())).statusCode).toBe(200);
  });

  it('decide a manual execution even while Redis is unavailable', async () => {
    const broken = await createApiFixture({
      override: (routes) => ({
        ...routes,
        runs: { ...routes.runs, queue: { enqueue: () => Promise.reject(new Error('redis is away')) } },
      }),
    });
    const { headers } = await broken.login('trader');
    const payload = { name: 'p', tickers: ['^SPX'] };
    const { id } = (
      await broken.app.inject({ method: 'POST', url: '/api/pipelines', headers, payload })
    ).json<PipelineBody>();
    const response = await broken.app.inject({ method: 'POST', url: `/api/pipelines/${id}/run`, headers });
    expect(response.json()).toMatchObject({ outcome: 'TRIGGERED' });
    expect(broken.lines.find((line) => line['event'] === 'enqueue_failed')).toMatchObject({ pipeline_id: id });
    await broken.app.close();
  });
});
