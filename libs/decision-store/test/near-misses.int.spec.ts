import { randomUUID } from 'node:crypto';

import { createDecisionStore } from '../src/decisions/decision-store';
import { NEAR_MISSES_PER_PIPELINE, type NearMissRecord } from '../src/near-misses/near-miss-records';
import { createNearMissStore } from '../src/near-misses/near-miss-store';
import { createWhyRepository } from '../src/near-misses/why-repository';
import { buildChunk, buildRecord, type Fixture, openFixture } from '@tripline/store-fixture';

let fixture: Fixture;
beforeAll(async () => (fixture = await openFixture()));
afterAll(async () => fixture.close());

function buildMiss(pipelineId: string, overrides: Partial<NearMissRecord> = {}): NearMissRecord {
  return {
    pipelineId,
    signalId: randomUUID(),
    signalType: 'golden_cross',
    ticker: '^SPX',
    reason: 'confidence',
    detail: {
      pipeline_version: 1,
      direction: 'BULLISH',
      confidence: 71,
      source: 'test',
      wanted_type: 'golden_cross',
      wanted_direction: null,
      wanted_source: null,
      min_confidence: 75,
      short_by: 4,
    },
    occurredAt: Date.now(),
    ...overrides,
  };
}

const misses = () => createNearMissStore(fixture.database);
const why = () => createWhyRepository(fixture.database);
const kept = async (pipelineId: string): Promise<string[]> => {
  const page = await why().explain(fixture.trader, pipelineId, { limit: 100 });
  return page.items.map((entry) => entry.signalId);
};

describe('near misses', () => {
  it('are returned newest first', async () => {
    const { id } = await fixture.addPipeline();
    const [first, second] = [buildMiss(id), buildMiss(id, { reason: 'direction' })];
    expect(await misses().record([first, second])).toBe(2);
    const { items } = await why().explain(fixture.trader, id);
    expect(items).toMatchObject([
      { kind: 'near_miss', ...second },
      { kind: 'near_miss', ...first },
    ]);
  });

  it('overwrite the oldest when the ring of a pipeline is full', async () => {
    const [ring, other] = [await fixture.addPipeline(), await fixture.addPipeline()];
    const all = Array.from({ length: NEAR_MISSES_PER_PIPELINE + 20 }, () => buildMiss(ring.id));
    const neighbour = buildMiss(other.id);
    await misses().record([neighbour, ...all.slice(0, NEAR_MISSES_PER_PIPELINE - 5)]);
    await misses().record(all.slice(NEAR_MISSES_PER_PIPELINE - 5));
    expect(await kept(ring.id)).toEqual(
      all
        .map(({ signalId }) => signalId)
        .slice(20)
        .reverse(),
    );
    expect(await kept(other.id)).toEqual([neighbour.signalId]);
  });

  it('keep the newest when one batch exceeds the ring', async () => {
    const { id } = await fixture.addPipeline();
    const all = Array.from({ length: NEAR_MISSES_PER_PIPELINE + 3 }, () => buildMiss(id));
    expect(await misses().record(all)).toBe(NEAR_MISSES_PER_PIPELINE);
    expect(await kept(id)).toEqual(
      all
        .map(({ signalId }) => signalId)
        .slice(3)
        .reverse(),
    );
  });

  it('are stored once when the signal is delivered twice', async () => {
    const { id } = await fixture.addPipeline();
    const miss = buildMiss(id);
    await misses().record([miss]);
    expect(await misses().record([miss])).toBe(0);
    expect(await kept(id)).toEqual([miss.signalId]);
  });

  it('are written by several dispatchers at once without a deadlock', async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, async () => (await fixture.addPipeline()).id));
    const batches = Array.from({ length: 6 }, (_, n) =>
      (n % 2 === 0 ? ids : ids.toReversed()).flatMap((id) => [buildMiss(id), buildMiss(id)]),
    );
    const written = await Promise.all(batches.map(async (batch) => misses().record(batch)));
    expect(written).toEqual(batches.map((batch) => batch.length));
  });
});

describe('why', () => {
  it('merges decisions and near misses in one order, page by page, within a time range', async () => {
    const pipeline = await fixture.addPipeline();
    const decide = async (): Promise<string> => {
      const record = buildRecord(0n, [pipeline]);
      await createDecisionStore(fixture.database).decideChunk(buildChunk([record], { topic: randomUUID() }));
      return record.signal.signalId;
    };
    const expected: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const miss = buildMiss(pipeline.id);
      await misses().record([miss]);
      expected.unshift(miss.signalId);
      expected.unshift(await decide());
    }
    const seen: string[] = [];
    const times: number[] = [];
    for (let cursor: string | null | undefined = undefined; cursor !== null;) {
      const page = await why().explain(fixture.trader, pipeline.id, { limit: 4, cursor });
      seen.push(...page.items.map((entry) => entry.signalId));
      times.push(...page.items.map((entry) => entry.at));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(expected);
    const range = { from: times[4] ?? 0, to: times[1] ?? 0 };
    const within = await why().explain(fixture.trader, pipeline.id, range);
    expect(within.items.every(({ at }) => at >= range.from && at < range.to)).toBe(true);
    expect(within.items.length).toBe(times.filter((at) => at >= range.from && at < range.to).length);
  });

  it('answers only the owner, and an administrator', async () => {
    const { id } = await fixture.addPipeline();
    await misses().record([buildMiss(id)]);
    const stranger = await fixture.addTrader();
    expect((await why().explain(stranger, id)).items).toEqual([]);
    expect((await why().explain({ ...stranger, role: 'admin' }, id)).items).toHaveLength(1);
  });
});
