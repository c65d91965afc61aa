import { Agent, get, type IncomingHttpHeaders } from 'node:http';

import { eventually } from '@tripline/testing';

import { spawnApi, type SpawnedApi } from './spawn-api';
import { createTestEnvironment, type TestEnvironment } from './test-environment';

const DRAIN_MS = 2_000;
/** Ignores connections started later than this, because the listener may close while they are being established. */
const MARGIN_MS = 500;
const CLIENTS = 8;

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
}

function request(url: string, agent: Agent | false): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.resume();
      response.once('end', () => resolve({ status: response.statusCode, headers: response.headers }));
      response.once('error', reject);
    }).once('error', reject);
  });
}

describe('SIGTERM under load', () => {
  let environment: TestEnvironment;
  let api: SpawnedApi;
  const keepAlive = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  beforeAll(async () => {
    environment = await createTestEnvironment();
    api = await spawnApi({
      ...environment.env,
      API_DRAIN_DELAY: `${DRAIN_MS}ms`,
      RATE_LIMIT_PER_MINUTE: '1000000',
    });
  }, 60_000);
  afterAll(async () => {
    keepAlive.destroy();
    await api?.clean();
    await environment?.close();
  }, 30_000);

  it('accepts connections while draining, asks clients to disconnect, and exits with code 0', async () => {
    const readiness = async () => (await request(`${api.healthUrl}/health/ready`, false)).status;
    await eventually(async () => expect(await readiness()).toBe(200), { timeoutMs: 20_000 });

    let countsUntil = Infinity;
    let stoppedAt = Infinity;
    let answered = 0;
    let answeredInDrain = 0;
    const keptOpen: Answer[] = [];
    const failures: unknown[] = [];
    const client = async (agent: Agent | false): Promise<void> => {
      for (;;) {
        const startedAt = performance.now();
        if (startedAt > countsUntil) return;
        try {
          const answer = await request(`${api.url}/api/health`, agent);
          if (answer.status !== 200) failures.push(answer.status);
          answered += 1;
          if (startedAt > stoppedAt) answeredInDrain += 1;
          if (startedAt > stoppedAt + MARGIN_MS && answer.headers.connection !== 'close') keptOpen.push(answer);
        } catch (error) {
          failures.push(error);
        }
      }
    };
    const clients = Array.from({ length: CLIENTS }, (_, index) => client(index % 2 ? keepAlive : false));
    await eventually(() => expect(answered).toBeGreaterThan(50));

    api.process.kill('SIGTERM');
    stoppedAt = performance.now();
    countsUntil = stoppedAt + DRAIN_MS - MARGIN_MS;
    await eventually(async () => expect(await readiness()).toBe(503), { timeoutMs: MARGIN_MS, intervalMs: 10 });
    await Promise.all(clients);

    expect(failures).toEqual([]);
    expect(keptOpen).toEqual([]);
    expect(answeredInDrain).toBeGreaterThan(20);
    await expect(api.ended).resolves.toEqual({ code: 0, signal: null });
    expect(performance.now() - stoppedAt).toBeGreaterThanOrEqual(DRAIN_MS - 50);
    await expect(request(`${api.url}/api/health`, false)).rejects.toThrow();
  }, 60_000);
});
