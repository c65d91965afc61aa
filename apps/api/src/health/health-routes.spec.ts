import { createApiFixture } from '../../test/api-fixture';

describe('/api/health', () => {
  it('returns the fields of the requirement document', async () => {
    const api = await createApiFixture();
    const response = await api.app.inject({ url: '/api/health' });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      service: 'tripline',
      status: 'ok',
      version: '0.0.0-test',
      stats: { total_jobs: 42, pending: 0, running: 1, completed: 37, failed: 3 },
    });
    expect((await api.app.inject({ method: 'HEAD', url: '/api/health' })).statusCode).toBe(200);
    await api.app.close();
  });

  it('answers 503 while the database is unavailable, and recovers', async () => {
    let isUp = false;
    const totals = {
      total: 0,
      byStatus: { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0, timed_out: 0, skipped: 0 },
    };
    const api = await createApiFixture({
      override: (routes) => ({
        ...routes,
        health: {
          ...routes.health,
          stats: { loadExecutionTotals: () => (isUp ? Promise.resolve(totals) : Promise.reject(new Error('away'))) },
        },
      }),
    });
    const down = await api.app.inject({ url: '/api/health' });
    expect([down.statusCode, down.json()]).toEqual([
      503,
      { service: 'tripline', status: 'unavailable', version: '0.0.0-test', stats: null },
    ]);
    isUp = true;
    api.clock.advance(1_001);
    expect((await api.app.inject({ url: '/api/health' })).statusCode).toBe(200);
    await api.app.close();
  });
});
