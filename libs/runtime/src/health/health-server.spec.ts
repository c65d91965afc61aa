import { createExposition, createMetrics } from '@tripline/telemetry';

import { createManualClock } from '../clock/clock';
import { createProgress, type ReadinessCheck } from './checks';
import { createDrain, createHealthServer, type HealthServer, type HealthServerOptions } from './health-server';

const exposition = createExposition(createMetrics({ service: 'worker' }));
let server: HealthServer;

async function startServer(options: Partial<HealthServerOptions> = {}): Promise<void> {
  server = createHealthServer({ port: 0, host: '127.0.0.1', metrics: () => exposition, ...options });
  await server.start();
}

function request(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${server.address()?.port}${path}`, init);
}

const passing: ReadinessCheck = { name: 'database', check: () => ({ ok: true }) };

afterEach(() => server.stop());

describe('createHealthServer', () => {
  it('negotiates the format of /metrics', async () => {
    await startServer();
    const open = await request('/metrics', { headers: { accept: 'application/openmetrics-text;version=1.0.0' } });
    expect(open.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect((await open.text()).endsWith('# EOF\n')).toBe(true);
    const text = await request('/metrics', { headers: { accept: 'text/plain' } });
    expect(text.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('answers readiness with each check, and 503 when one fails or throws', async () => {
    const broken: ReadinessCheck = { name: 'redis', check: () => Promise.reject(new Error('connection refused')) };
    await startServer({ readiness: [passing, broken] });
    const response = await request('/health/ready');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      status: 'fail',
      checks: { database: { ok: true }, redis: { ok: false, detail: 'connection refused' } },
    });
    expect((await request('/health/live')).status).toBe(200);
  });

  it('reports not ready while draining', async () => {
    await startServer({ readiness: [passing] });
    const drain = createDrain(server);
    await drain.start();
    expect((await request('/health/ready')).status).toBe(200);
    await drain.stop();
    const response = await request('/health/ready');
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('stopping')]);
  });

  it('fails liveness when a loop makes no progress', async () => {
    const clock = createManualClock();
    const progress = createProgress({ name: 'poll', maxIdleMs: 1_000, clock });
    await startServer({ liveness: [progress] });
    clock.advance(1_001);
    expect((await request('/health/live')).status).toBe(503);
    progress.mark();
    expect((await request('/health/live')).status).toBe(200);
  });

  it('rejects other paths and methods', async () => {
    await startServer();
    expect((await request('/')).status).toBe(404);
    expect((await request('/metrics/../secret')).status).toBe(404);
    expect((await request('/metrics', { method: 'POST' })).status).toBe(405);
    expect((await request('/metrics?x=1')).status).toBe(200);
  });

  it('answers 500 and keeps running when the metrics cannot be written', async () => {
    await startServer({ metrics: () => ({ render: () => Promise.reject(new Error('broken')) }) });
    expect((await request('/metrics')).status).toBe(500);
    expect((await request('/health/live')).status).toBe(200);
  });

  it('fails to start when the port is taken, and can be stopped twice', async () => {
    await startServer();
    const second = createHealthServer({
      port: server.address()?.port ?? 0,
      host: '127.0.0.1',
      metrics: () => exposition,
    });
    await expect(second.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await second.stop();
    await server.stop();
    expect(server.address()).toBeUndefined();
  });
});
