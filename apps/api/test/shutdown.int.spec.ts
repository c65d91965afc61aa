import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';

import { eventually } from '@tripline/testing';

import { spawnApi, type SpawnedApi } from './spawn-api';
import { ADMIN, createTestEnvironment, type TestEnvironment } from './test-environment';

describe('SIGTERM', () => {
  let environment: TestEnvironment;
  let api: SpawnedApi;
  beforeAll(async () => {
    environment = await createTestEnvironment();
    api = await spawnApi(environment.env);
  }, 60_000);
  afterAll(async () => {
    await api?.clean();
    await environment?.close();
  }, 30_000);

  it('completes the request in progress, accepts no new one, and exits with code 0', async () => {
    await eventually(async () => expect((await fetch(`${api.healthUrl}/health/ready`)).status).toBe(200), {
      timeoutMs: 20_000,
    });
    const token = await login();
    const body = JSON.stringify({ name: 'in flight', tickers: ['^SPX'] });
    const inFlight = request(`${api.url}/api/scanners`, {
      method: 'POST',
      agent: false,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        // The response to Expect shows that the server has the request before the signal is sent.
        expect: '100-continue',
      },
    });
    inFlight.flushHeaders();
    await once(inFlight, 'continue');
    inFlight.write(body.slice(0, 10));

    api.process.kill('SIGTERM');
    await eventually(async () => {
      await expect(fetch(`${api.url}/api/health`)).rejects.toThrow();
    });
    expect((await fetch(`${api.healthUrl}/health/ready`)).status).toBe(503);

    const [status, answer] = await finish(inFlight, body.slice(10));
    expect([status, answer]).toEqual([201, expect.objectContaining({ name: 'in flight' })]);
    await expect(api.ended).resolves.toEqual({ code: 0, signal: null });
    await expect(fetch(`${api.healthUrl}/health/ready`)).rejects.toThrow();
    expect(api.output()).toContain('"event":"service_stopped"');
    expect(api.output()).not.toContain('"level":"error"');
  }, 60_000);

  async function login(): Promise<string> {
    const response = await fetch(`${api.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ADMIN),
    });
    return String(((await response.json()) as { access_token: string }).access_token);
  }
});

async function finish(pending: ClientRequest, rest: string): Promise<[number | undefined, unknown]> {
  pending.end(rest);
  const [response] = (await once(pending, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return [response.statusCode, JSON.parse(Buffer.concat(chunks).toString())];
}
