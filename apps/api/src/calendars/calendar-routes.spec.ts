import { createApiFixture } from '../../test/api-fixture';

describe('market calendars', () => {
  it('are listed with their current state and next sessions', async () => {
    const nowMs = Date.parse('2026-11-26T15:00:00Z');
    const api = await createApiFixture({
      override: (routes) => ({ ...routes, calendars: { now: () => nowMs } }),
    });
    const { headers } = await api.login('trader');
    const response = await api.app.inject({ url: '/api/market-calendars', headers });
    const { items } = response.json<{ items: { id: string; next_sessions: object[] }[] }>();
    expect(items.map(({ id }) => id)).toEqual(['24x7', 'XNYS', 'XETR', 'XNSE', 'FX']);
    expect(items[1]).toMatchObject({
      time_zone: 'America/New_York',
      holidays_known: true,
      now: {
        regular: {
          open: false,
          reason: 'market_holiday',
          holiday: 'Thanksgiving',
          opens_at: '2026-11-27T14:30:00.000Z',
          closes_at: null,
        },
      },
    });
    expect(items[1]?.next_sessions).toHaveLength(5);
    expect(items[1]?.next_sessions[0]).toEqual({
      day: '2026-11-27',
      opens_at: '2026-11-27T14:30:00.000Z',
      closes_at: '2026-11-27T18:00:00.000Z',
      holiday: 'Day after Thanksgiving',
    });
    expect(items[0]).toMatchObject({ now: { regular: { open: true, opens_at: null, closes_at: null } } });
    await api.app.close();
  });
});
