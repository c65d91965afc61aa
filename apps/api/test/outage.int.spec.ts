import { createLogger } from '@tripline/telemetry';
import { eventually } from '@tripline/testing';

import { loadConfig } from '../src/config';
import { createApiService, type ApiService } from '../src/service';
import { createTcpProxy, type TcpProxy } from './tcp-proxy';
import { ADMIN, createTestEnvironment, type TestEnvironment } from './test-environment';

describe('the API during an outage', () => {
  let environment: TestEnvironment;
  let service: ApiService;
  let database: TcpProxy;
  let redis: TcpProxy;
  let token: string;

  beforeAll(async () => {
    environment = await createTestEnvironment();
    const databaseUrl = new URL(environment.env['DATABASE_URL'] ?? '');
    const redisUrl = new URL(environment.env['REDIS_URL'] ?? '');
    database = await createTcpProxy({ host: databaseUrl.hostname, port: Number(databaseUrl.port) });
    redis = await createTcpProxy({ host: redisUrl.hostname, port: Number(redisUrl.port) });
    databaseUrl.host = `127.0.0.1:${database.port}`;
    redisUrl.host = `127.0.0.1:${redis.port}`;
    const proxied = { DATABASE_URL: databaseUrl.href, REDIS_URL: redisUrl.href, DATABASE_RETRY_DEADLINE_MS: '1000' };
    service = createApiService(loadConfig({ ...environment.env, ...proxied }), {
      logger: createLogger({ service: 'api', level: 'silent' }),
    });
    await service.lifecycle.start();
    const response = await send('POST', '/api/auth/login', ADMIN);
    token = String(((await response.json()) as { access_token: string }).access_token);
  }, 60_000);
  afterAll(async () => {
    await service?.lifecycle.stop();
    await Promise.all([database?.close(), redis?.close()]);
    await environment?.close();
  }, 30_000);

  function send(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${service.address()}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  }
  const isReady = async () => {
    const address = service.health.address();
    return (await fetch(`http://${address?.host}:${address?.port}/health/ready`)).status === 200;
  };

  it('answers 503 while the database is unavailable, and recovers', async () => {
    await eventually(isReady);
    database.cut();
    for (const [method, path, body] of [
      ['GET', '/api/pipelines', undefined],
      ['GET', '/api/scanners', undefined],
      ['POST', '/api/scanners', { name: 'x', tickers: ['A'] }],
      ['POST', '/api/auth/login', ADMIN],
    ] as const) {
      const response = await send(method, path, body);
      expect([path, response.status]).toEqual([path, 503]);
      expect(response.headers.get('retry-after')).toBe('5');
      expect(await response.json()).toMatchObject({ error: { code: 'UNAVAILABLE' } });
    }
    expect((await send('GET', '/api/health')).status).toBe(503);
    await expect(isReady()).resolves.toBe(false);
    database.restore();
    await eventually(async () => expect((await send('GET', '/api/pipelines')).status).toBe(200));
    await eventually(isReady);
  }, 60_000);

  it('decides a manual execution while Redis is unavailable, for the sweeper to enqueue later', async () => {
    const created = await send('POST', '/api/pipelines', { name: 'p', tickers: ['^SPX'] });
    const { id } = (await created.json()) as { id: string };
    redis.cut();
    const response = await send('POST', `/api/pipelines/${id}/run`, {});
    expect([response.status, await response.json()]).toEqual([200, expect.objectContaining({ outcome: 'TRIGGERED' })]);
    await expect(isReady()).resolves.toBe(false);
    redis.restore();
    await eventually(isReady, { timeoutMs: 20_000 });
  }, 60_000);

  it('starts, serves reads and answers 503 to publishing while Kafka is unavailable', async () => {
    const env = { ...environment.env, KAFKA_BROKERS: '127.0.0.1:1', METRICS_PORT: '0', API_PORT: '0' };
    const alone = createApiService(loadConfig(env), { logger: createLogger({ service: 'api', level: 'silent' }) });
    await alone.lifecycle.start();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    expect((await fetch(`${alone.address()}/api/pipelines`, { headers })).status).toBe(200);
    const signal = { signal_type: 'mine', tickers: [{ ticker: 'A', signal: 'BULLISH', confidence: 1 }] };
    const published = await fetch(`${alone.address()}/api/signals`, {
      method: 'POST',
      headers,
      body: JSON.stringify(signal),
    });
    expect(published.status).toBe(503);
    await expect(alone.lifecycle.stop()).resolves.toEqual({ failed: [] });
  }, 60_000);
});
