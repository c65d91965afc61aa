import { randomUUID } from 'node:crypto';

import { createQuotaRepository, type QuotaRepository } from '../src/users/quota-repository';
import { type Fixture, openFixture } from '@tripline/store-fixture';

describe('quotas', () => {
  let fixture: Fixture;
  let quotas: QuotaRepository;
  beforeAll(async () => {
    fixture = await openFixture();
    quotas = createQuotaRepository(fixture.database);
  });
  afterAll(() => fixture.close());

  const limits = { maxActive: 3, maxPerMinute: null, maxPerDay: 0 };

  it('are unlimited until set, are replaced as a whole, and record when', async () => {
    const { userId } = await fixture.addTrader();
    const none = { maxActive: null, maxPerMinute: null, maxPerDay: null, updatedAt: null };
    expect(await quotas.find(userId)).toEqual({ userId, ...none, use: { active: 0, thisMinute: 0, today: 0 } });
    expect(await quotas.set(userId, { ...limits, maxPerMinute: 7 }, fixture.trader.userId)).toBe(true);
    expect(await quotas.set(userId, limits, fixture.trader.userId)).toBe(true);
    const found = await quotas.find(userId);
    expect(found).toMatchObject({ ...limits, updatedAt: expect.any(Number) as number });
    expect(await fixture.rows('SELECT user_id, updated_by FROM user_quotas')).toEqual([
      { user_id: userId, updated_by: fixture.trader.userId },
    ]);
  });

  it('report unfinished executions and only the counts of the current minute and day', async () => {
    await fixture.addExecution();
    const { userId } = fixture.trader;
    const count = async (age: string): Promise<unknown> => {
      await fixture.rows('DELETE FROM user_usage');
      await fixture.rows(
        `INSERT INTO user_usage SELECT $1, date_trunc('minute', now() - $2::interval), 4,
           date_trunc('day', now() - $2::interval, 'UTC'), 9`,
        [userId, age],
      );
      return (await quotas.find(userId))?.use;
    };
    expect(await count('0')).toEqual({ active: 1, thisMinute: 4, today: 9 });
    expect(await count('1 day')).toEqual({ active: 1, thisMinute: 0, today: 0 });
  });

  it('reject an unknown user and a negative limit', async () => {
    expect(await quotas.find(randomUUID())).toBeNull();
    expect(await quotas.set(randomUUID(), limits, fixture.trader.userId)).toBe(false);
    const { userId } = fixture.trader;
    await expect(quotas.set(userId, { ...limits, maxActive: -1 }, userId)).rejects.toThrow(/user_quotas_max_active/);
  });
});
