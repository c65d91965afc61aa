import { Writable } from 'node:stream';

import { decodeSignal } from '@tripline/contracts';
import type { Signal } from '@tripline/triggers';
import { createLogger } from '@tripline/telemetry';
import { eventually } from '@tripline/testing';

import { loadConfig } from '../src/config';
import { createApiService, type ApiService } from '../src/service';
import { ADMIN, createTestEnvironment, type TestEnvironment } from './test-environment';

interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { id: string; items: Record<string, unknown>[] };
}

describe('the api on real servers', () => {
  const lines: string[] = [];
  let environment: TestEnvironment;
  let service: ApiService;
  let trader: string;

  beforeAll(async () => {
    environment = await createTestEnvironment();
    service = createService();
    await service.lifecycle.start();
    const admin = await login(ADMIN.email, ADMIN.password);
    const account = { email: 'tom@example.com', password: 'twelve letters!' };
    await call('POST', '/api/users', admin, account);
    trader = await login(account.email, account.password);
  }, 60_000);
  afterAll(async () => {
    await service?.lifecycle.stop();
    await environment?.close();
  }, 30_000);

  function createService(): ApiService {
    const destination = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        lines.push(chunk.toString());
        done();
      },
    });
    const logger = createLogger({ service: 'api', level: 'info', destination });
    return createApiService(loadConfig(environment.env), { logger });
  }

  async function call(method: string, path: string, token: string, body?: unknown, headers = {}): Promise<Answer> {
    const response = await fetch(`${service.address()}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: JSON.parse(text || '{}') as Answer['body'] };
  }

  async function login(email: string, password: string): Promise<string> {
    const { status, body } = await call('POST', '/api/auth/login', '', { email, password });
    expect(status).toBe(200);
    return String(body['access_token']);
  }

  const health = (path: string) => {
    const address = service.health.address();
    return fetch(`http://${address?.host}:${address?.port}${path}`);
  };

  it('is ready once it listens and all three servers answer', async () => {
    await eventually(async () => expect((await health('/health/ready')).status).toBe(200));
    const report = (await (await health('/health/ready')).json()) as { checks: object };
    expect(Object.keys(report.checks).sort()).toEqual(['database', 'http', 'kafka', 'redis', 'schema']);
  });

  it('creates the first administrator once, even after restarts', async () => {
    const second = createService();
    await second.lifecycle.start();
    await second.lifecycle.stop();
    const admin = await login(ADMIN.email, ADMIN.password);
    const { body } = await call('GET', '/api/users', admin);
    expect(body.items.filter((user) => user['role'] === 'admin')).toHaveLength(1);
  });

  it('keeps every pipeline version, and scanners that are in use', async () => {
    const scanner = await call('POST', '/api/scanners', trader, { name: 'index', tickers: ['^SPX'] });
    const created = await call('POST', '/api/pipelines', trader, { name: 'p', scanner_id: scanner.body.id });
    expect([created.status, created.headers.get('etag')]).toEqual([201, '"1"']);
    expect((await call('POST', '/api/pipelines', trader, { name: 'p', tickers: ['A'] })).status).toBe(409);
    expect((await call('DELETE', `/api/scanners/${scanner.body.id}`, trader)).status).toBe(409);
    await call('PATCH', `/api/scanners/${scanner.body.id}`, trader, { tickers: ['^SPX', 'AAPL'] });
    const path = `/api/pipelines/${created.body.id}`;
    expect((await call('GET', path, trader)).body).toMatchObject({ version: 2, tickers: ['^SPX', 'AAPL'] });
    const stale = await call('PATCH', path, trader, { cooldown_seconds: 5 }, { 'if-match': '"1"' });
    expect(stale.status).toBe(409);
    expect((await call('POST', `${path}/deactivate`, trader)).body).toMatchObject({ version: 3, is_active: false });
    expect((await call('GET', `${path}/versions`, trader)).body.items).toHaveLength(3);
    expect((await call('DELETE', path, trader)).status).toBe(204);
    expect((await call('GET', path, trader)).status).toBe(404);
  });

  it('pages through pipelines without skipping or repeating one', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await call('POST', '/api/pipelines', trader, { name: `page ${name}`, tickers: ['^SPX'] });
    }
    const names: unknown[] = [];
    let cursor: unknown = '';
    do {
      const query: string = cursor === '' ? '' : `&cursor=${String(cursor)}`;
      const { body } = await call('GET', `/api/pipelines?limit=2${query}`, trader);
      names.push(...body.items.map((item) => item['name']));
      cursor = body['next_cursor'];
    } while (cursor !== null);
    expect(names).toEqual(['page e', 'page d', 'page c', 'page b', 'page a']);
  });

  it("hides a user's data from other users and from administrators", async () => {
    const { body } = await call('POST', '/api/pipelines', trader, { name: 'private', tickers: ['^SPX'] });
    const admin = await login(ADMIN.email, ADMIN.password);
    for (const path of ['', '/decisions', '/versions', '/account', '/decisions/summary']) {
      expect((await call('GET', `/api/pipelines/${body.id}${path}`, admin)).status).toBe(404);
    }
    expect((await call('GET', '/api/pipelines', admin)).body.items).toEqual([]);
  });

  it('publishes a signal that can be read from the topic', async () => {
    const signal = { signal_type: 'mine', tickers: [{ ticker: '^SPX', signal: 'BULLISH', confidence: 70 }] };
    const { status, body } = await call('POST', '/api/signals', trader, signal);
    expect(status).toBe(202);
    const found: Signal[] = [];
    await environment.admin.readAll(environment.topic, ({ value }) => {
      const decoded = decodeSignal(value);
      if (decoded.ok && decoded.signal.signalId === body['signal_id']) found.push(decoded.signal);
    });
    const { id } = (await call('GET', '/api/auth/me', trader)).body;
    expect(found).toMatchObject([{ publisher: id, owner: id }]);
  });

  it('decides a manual execution, records the reason and enqueues the job, once per idempotency key', async () => {
    const { body } = await call('POST', '/api/pipelines', trader, { name: 'by hand', tickers: ['^SPX'] });
    const run = async (key: string) =>
      (await call('POST', `/api/pipelines/${body.id}/run`, trader, {}, { 'idempotency-key': key })).body;
    const first = await run('one');
    expect(first).toMatchObject({ outcome: 'TRIGGERED', trigger_mode: 'manual', ticker: '^SPX' });
    await expect(run('one')).resolves.toEqual(first);
    await expect(run('two')).resolves.toMatchObject({ outcome: 'SKIPPED_ACTIVE', execution_id: null });
    const decisions = await call('GET', `/api/pipelines/${body.id}/decisions?outcome=TRIGGERED`, trader);
    expect(decisions.body.items).toEqual([first]);
    const execution = await call('GET', `/api/executions/${String(first['execution_id'])}`, trader);
    expect(execution.body).toMatchObject({ status: 'pending', steps: [], orders: [], fills: [] });
    await eventually(async () => {
      const text = await (await health('/metrics')).text();
      expect(text).toMatch(/queue_jobs\{queue="pipeline-executions",state="waiting"\} 1/);
      expect(text).toMatch(/system_executions_pending_executions 1\n/);
      expect(text).toMatch(/database_queries_total\{query_type="select",status="success"\} [1-9]/);
      expect(text).toMatch(/redis_commands_total\{command="evalsha",status="success"\} [1-9]/);
    });
  });

  it('decides concurrent copies of a webhook call once, and denies replaced secrets', async () => {
    const definition = { name: 'called', tickers: ['BTC-USD'], trigger_mode: 'webhook', cooldown_seconds: 3600 };
    const { body } = await call('POST', '/api/pipelines', trader, definition);
    const path = `/api/pipelines/${body.id}/webhook`;
    const secretOf = async () => String((await call('POST', path, trader)).body['secret']);
    const [old, secret] = [await secretOf(), await secretOf()];
    const hook = (token: string, payload?: object) => call('POST', `/api/hooks/${body.id}`, token, payload);
    const event = { event_id: 'bar-42', direction: 'BULLISH', confidence: 81, ticker: 'BTC-USD' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => hook(secret, event)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(202));
    const fresh = answers.filter((answer) => answer.body['duplicate'] === false);
    expect(fresh).toHaveLength(1);
    expect(fresh[0]?.body).toMatchObject({
      outcome: 'TRIGGERED',
      trigger_mode: 'webhook',
      ticker: 'BTC-USD',
      direction: 'BULLISH',
      confidence: 81,
    });
    expect(new Set(answers.map((answer) => answer.body['execution_id'])).size).toBe(1);
    expect((await hook(secret)).body).toMatchObject({ outcome: 'SKIPPED_ACTIVE', duplicate: false });
    const old401 = await hook(old, event);
    expect([old401.status, (await hook(trader)).status]).toEqual([401, 401]);
    const stale = await hook(secret, { occurred_at: '2020-01-01T00:00:00Z' });
    expect(stale.body).toMatchObject({ outcome: 'EXPIRED', reason: 'signal_too_old' });
    expect(lines.join('')).not.toContain('tp_hook_');
    await eventually(async () => {
      const text = await (await health('/metrics')).text();
      const counted = (labels: string) => `dispatch_decisions_total{${labels},signal_type="webhook"} 1\n`;
      expect(text).toContain(counted('outcome="TRIGGERED",reason="trigger_accepted"'));
      expect(text).toContain(counted('outcome="EXPIRED",reason="signal_too_old"'));
    });
  });

  it('enforces a quota from the next decision on, and reports its use', async () => {
    const admin = await login(ADMIN.email, ADMIN.password);
    const { body: me } = await call('GET', '/api/auth/me', trader);
    const limits = { max_active: null, max_per_minute: null, max_per_day: 1 };
    expect((await call('PUT', `/api/users/${me.id}/quota`, admin, limits)).status).toBe(200);
    const { body } = await call('POST', '/api/pipelines', trader, { name: 'limited', tickers: ['^SPX'] });
    const run = async () => (await call('POST', `/api/pipelines/${body.id}/run`, trader, {})).body;
    await run();
    const other = await call('POST', '/api/pipelines', trader, { name: 'limited too', tickers: ['^SPX'] });
    const second = await call('POST', `/api/pipelines/${other.body.id}/run`, trader, {});
    expect(second.body).toMatchObject({ outcome: 'SKIPPED_QUOTA', reason: 'quota_per_day' });
    const quota = await call('GET', '/api/quota', trader);
    expect(quota.body).toMatchObject({ max_per_day: 1, use: { today: 1 } });
    await call('PUT', `/api/users/${me.id}/quota`, admin, { ...limits, max_per_day: null });
  });

  it('reports execution counts in the health response', async () => {
    await eventually(async () => {
      const { body } = await call('GET', '/api/health', '');
      expect(body).toMatchObject({ service: 'tripline', status: 'ok', stats: { total_jobs: 3, pending: 3 } });
    });
  });

  it('locks out a user at once when deactivated here, and within five seconds when deactivated elsewhere', async () => {
    const admin = await login(ADMIN.email, ADMIN.password);
    const account = { email: 'eve@example.com', password: 'twelve letters!' };
    const eve = await call('POST', '/api/users', admin, account);
    const token = await login(account.email, account.password);
    expect((await call('GET', '/api/auth/me', token)).status).toBe(200);
    await call('PATCH', `/api/users/${eve.body.id}`, admin, { is_active: false });
    expect((await call('GET', '/api/auth/me', token)).status).toBe(401);
  });

  it('keeps passwords, hashes, tokens and secrets out of its logs', () => {
    const log = lines.join('');
    expect(log).toContain('"event":"http_request"');
    expect(log).not.toMatch(/twelve letters|an admin of the tests|argon2id|eyJ|a secret of the integration/);
  });
});
