import { randomUUID } from 'node:crypto';

import type { Viewer } from '@tripline/paging';
import { createDecisionStore } from '../src/decisions/decision-store';
import { createSignalRepository } from '../src/signals/signal-repository';
import { createSimulationStore } from '../src/simulations/simulation-store';
import { createUserRepository } from '@tripline/user-store';
import { buildChunk, buildRecord, type Fixture, openFixture } from '@tripline/store-fixture';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(async () => fixture.close());

const idsOf = (items: readonly { readonly signal: { readonly signalId: string } }[]) =>
  items.map(({ signal }) => signal.signalId);

/** A shared signal and a private one of each of two users, decided and stored. */
async function decideThree() {
  const [alice, bob] = [await fixture.addTrader(), await fixture.addTrader()];
  const [alices, bobs] = [await fixture.addPipeline({}, alice), await fixture.addPipeline({}, bob)];
  const both = [alices, bobs];
  const records = [undefined, alice.userId, bob.userId].map((owner, at) =>
    buildRecord(BigInt(at), both, { signal: { owner, publisher: owner } }),
  );
  const { decisions } = await createDecisionStore(fixture.database).decideChunk(
    buildChunk(records, { topic: randomUUID() }),
  );
  const [shared, ofAlice, ofBob] = records.map(({ signal }) => signal.signalId) as [string, string, string];
  return { alice, bob, alices, bobs, records, decisions, shared, ofAlice, ofBob };
}

describe('private signals', () => {
  it("have decisions about their owner's pipelines only, even when matching found others", async () => {
    const { decisions, alices, bobs, shared, ofAlice, ofBob } = await decideThree();
    expect(decisions.map(({ signalId, pipelineId }) => `${signalId} ${pipelineId}`).sort()).toEqual(
      [`${shared} ${alices.id}`, `${shared} ${bobs.id}`, `${ofAlice} ${alices.id}`, `${ofBob} ${bobs.id}`].sort(),
    );
  });

  it('are visible to their owner and administrators, and shared ones to every user', async () => {
    const { alice, bob, records, shared, ofAlice, ofBob } = await decideThree();
    const signals = createSignalRepository(fixture.database);
    const admin: Viewer = { userId: randomUUID(), role: 'admin' };
    const seen = async (viewer: Viewer) => {
      const all = idsOf((await signals.list(viewer, { limit: 100 })).items);
      return all.filter((id) => [shared, ofAlice, ofBob].includes(id)).sort();
    };
    expect(await seen(alice)).toEqual([shared, ofAlice].sort());
    expect(await seen(bob)).toEqual([shared, ofBob].sort());
    expect(await seen(await fixture.addTrader())).toEqual([shared]);
    expect(await seen(admin)).toEqual([shared, ofAlice, ofBob].sort());
    expect(await signals.find(bob, ofAlice)).toBeNull();
    expect((await signals.find(alice, ofAlice))?.signal).toEqual(records[1]?.signal);
    expect((await signals.find(admin, ofAlice))?.signal.owner).toBe(alice.userId);
    expect((await signals.find(bob, shared))?.signal.owner).toBeUndefined();
  });

  it('of another user are neither replayed nor counted for the rule of a replay', async () => {
    const { alice, bob, shared, ofAlice, ofBob } = await decideThree();
    const store = createSimulationStore(fixture.database);
    expect(await store.findSignal(ofAlice, bob.userId)).toBeNull();
    expect((await store.findSignal(ofAlice, alice.userId))?.signal.owner).toBe(alice.userId);
    const before = { userId: bob.userId, tickers: ['^SPX'], from: 0, limit: 500 };
    const ids = idsOf(await store.loadSignalsBefore(ofBob, before));
    expect(ids).not.toContain(ofAlice);
    expect(ids).toContain(shared);
  });

  it('are paged with the shared ones, each once, by index, whatever other users publish', async () => {
    const { alice, alices, bob, bobs } = await decideThree();
    const flood = await addSignals(3_000, bob.userId);
    const records = [undefined, alice.userId, undefined, alice.userId].map((owner, at) =>
      buildRecord(BigInt(at), [alices, bobs], { signal: { owner } }),
    );
    for (const record of records) {
      await createDecisionStore(fixture.database).decideChunk(buildChunk([record], { topic: randomUUID() }));
    }
    await fixture.rows('ANALYZE signals');
    const signals = createSignalRepository(fixture.database);
    const paged: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof signals.list>> = await signals.list(alice, { limit: 2, cursor });
      paged.push(...idsOf(page.items));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(paged.slice(0, 4)).toEqual(records.map(({ signal }) => signal.signalId).reverse());
    expect(new Set(paged).size).toBe(paged.length);
    expect(paged.some((id) => flood.includes(id))).toBe(false);
  });

  it('cost the same per page with thousands of signals of another user before it', async () => {
    const [viewer, other] = [await fixture.addTrader(), await fixture.addTrader()];
    await addSignals(2_000, null);
    await addSignals(2_000, viewer.userId);
    await addSignals(5_000, other.userId);
    await fixture.rows('ANALYZE signals');
    const plan = await planOf(viewer.userId);
    expect(plan).toMatch(/Index (Only )?Scan using signals_shared/);
    expect(plan).toMatch(/Index (Only )?Scan using signals_owned/);
    expect(plan).not.toMatch(/Seq Scan|Rows Removed/);
    const rows = [...plan.matchAll(/actual rows=(\d+)/g)].map((found) => Number(found[1]));
    expect(Math.max(...rows)).toBeLessThanOrEqual(2 * (PAGE + 1));
  });
});

const PAGE = 50;

/** Stores signals without decisions, the newest last; null: shared. */
async function addSignals(count: number, owner: string | null): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await fixture.rows(
    `INSERT INTO signals (id, signal_type, source, occurred_at, tickers, metadata, owner_id)
     SELECT unnest($1::uuid[]), 'flood', 'test', now(), '[]', '{}', $2`,
    [ids, owner],
  );
  return ids;
}

/** The executed plan of a first page. */
async function planOf(userId: string): Promise<string> {
  const rows = await fixture.rows<{ 'QUERY PLAN': string }>(
    `EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF, BUFFERS OFF)
     (SELECT s.id, s.tickers, s.recorded_at FROM signals s WHERE s.owner_id IS NULL
       ORDER BY s.recorded_at DESC, s.id DESC LIMIT ${PAGE + 1}) UNION ALL
     (SELECT s.id, s.tickers, s.recorded_at FROM signals s WHERE s.owner_id = $1
       ORDER BY s.recorded_at DESC, s.id DESC LIMIT ${PAGE + 1})
     ORDER BY recorded_at DESC, id DESC LIMIT ${PAGE + 1}`,
    [userId],
  );
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

describe('permissions', () => {
  it('are empty until they are set, and are replaced as a whole', async () => {
    const users = createUserRepository(fixture.database);
    const { userId } = await fixture.addTrader();
    expect(await users.findById(userId)).toMatchObject({ permissions: [] });
    expect(await users.setPermissions(userId, ['publish:shared'])).toMatchObject({ permissions: ['publish:shared'] });
    expect(await users.findById(userId)).toMatchObject({ permissions: ['publish:shared'] });
    expect(await users.setPermissions(userId, [])).toMatchObject({ permissions: [] });
    expect(await users.setPermissions(randomUUID(), [])).toBeNull();
  });
});
