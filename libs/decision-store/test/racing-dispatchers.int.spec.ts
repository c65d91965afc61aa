import type { OverlapRule, Pipeline } from '@tripline/triggers';
import { randomUUID } from 'node:crypto';

import type { DecisionLogEntry } from '../src/decisions/decision-records';
import { createDecisionStore } from '../src/decisions/decision-store';
import { createQuotaRepository } from '@tripline/user-store';
import { buildChunk, buildRecord, type Fixture, openFixture } from '@tripline/store-fixture';

const DISPATCHERS = 8;
const ROUNDS = 12;
const NO_LIMIT = { maxActive: null, maxPerMinute: null, maxPerDay: null };

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(async () => fixture.close());

const overlap = (rule: Partial<OverlapRule>): { overlap: OverlapRule } => ({
  overlap: { policy: 'skip', key: 'pipeline', limit: 1, ttlMs: 0, ...rule },
});

/** Each dispatcher decides the signals of its own partition one by one, all dispatchers concurrently. */
async function race(pipelinesOf: (dispatcher: number) => readonly Pipeline[]): Promise<readonly DecisionLogEntry[]> {
  const topic = randomUUID();
  const decided = await Promise.all(
    Array.from({ length: DISPATCHERS }, async (_, partition) => {
      // One store each, because chunks given to one store may share a transaction.
      const store = createDecisionStore(fixture.database);
      const entries: DecisionLogEntry[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const record = buildRecord(BigInt(round), pipelinesOf(partition));
        entries.push(...(await store.decideChunk(buildChunk([record], { topic, partition }))).decisions);
      }
      return entries;
    }),
  );
  return decided.flat();
}

function countReasons(entries: readonly DecisionLogEntry[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(entries, (entry) => entry.reason)].map(([key, list]) => [key, list.length]),
  );
}

describe('dispatchers that race for one pipeline', () => {
  it.each([
    [overlap({}), { trigger_accepted: 1, execution_active: 95 }],
    [overlap({ policy: 'queue', limit: 5 }), { trigger_accepted: 1, queued_behind_active: 5, queue_full: 90 }],
    [overlap({ policy: 'parallel', limit: 4 }), { trigger_accepted: 4, parallel_limit: 92 }],
    [overlap({ policy: 'queue_latest' }), { trigger_accepted: 1, queued_behind_active: 95 }],
    [overlap({ policy: 'replace' }), { trigger_accepted: 1, replaced_active: 95 }],
    [
      { cooldownMs: 60_000, ...overlap({ policy: 'parallel', limit: 50 }) },
      { trigger_accepted: 1, cooldown_running: 95 },
    ],
  ])('assign exactly the available slots: %j', async (definition, expected) => {
    const pipeline = await fixture.addPipeline(definition);
    expect(countReasons(await race(() => [pipeline]))).toEqual(expected);
    const runs = await fixture.rows<{ status: string; n: number }>(
      `SELECT CASE WHEN slot IS NULL AND status = 'pending' THEN 'waits' ELSE status END AS status, count(*)::int AS n
       FROM executions WHERE pipeline_id = $1 GROUP BY 1 ORDER BY 1`,
      [pipeline.id],
    );
    const left = Object.fromEntries(runs.map((row) => [row.status, row.n]));
    const { policy, limit } = definition.overlap;
    expect(left['waits'] ?? 0).toBe(policy === 'queue' ? limit : policy === 'queue_latest' ? 1 : 0);
    expect(left['pending']).toBe(expected.trigger_accepted);
    expect(left['cancelled'] ?? 0).toBe(policy === 'replace' ? 95 : 0);
    expect(left['skipped'] ?? 0).toBe(policy === 'queue_latest' ? 94 : 0);
  });
});

describe('dispatchers that race for one quota', () => {
  it.each([
    [{ ...NO_LIMIT, maxActive: 5 }, 'quota_active'],
    [{ ...NO_LIMIT, maxPerDay: 7 }, 'quota_per_day'],
    [{ ...NO_LIMIT, maxPerMinute: 7 }, 'quota_per_minute'],
  ])('start exactly %j executions of the user across pipelines', async (quota, reason) => {
    const user = await fixture.addTrader();
    await createQuotaRepository(fixture.database).set(user.userId, quota, fixture.trader.userId);
    // No pipeline is shared, so only the quota limits them.
    const pipelines = await Promise.all(
      Array.from({ length: DISPATCHERS }, async () =>
        fixture.addPipeline(overlap({ policy: 'parallel', limit: 100 }), user),
      ),
    );
    const minuteOf = async () =>
      (await fixture.rows(`SELECT date_trunc('minute', clock_timestamp()) AS at`))[0]?.['at'];
    const before: unknown = await minuteOf();
    const counts = countReasons(await race((dispatcher) => pipelines.slice(dispatcher, dispatcher + 1)));
    const isOneMinute = String(before) === String(await minuteOf());
    const accepted = counts['trigger_accepted'] ?? 0;
    const allowed = quota.maxActive ?? quota.maxPerDay ?? quota.maxPerMinute ?? 0;
    expect(accepted + (counts[reason] ?? 0)).toBe(DISPATCHERS * ROUNDS);
    expect(accepted).toBeGreaterThanOrEqual(allowed);
    // A race across the end of a minute, and perhaps of a day, also gets the next one's quota.
    expect(accepted).toBeLessThanOrEqual(isOneMinute ? allowed : 2 * allowed);
  });
});
