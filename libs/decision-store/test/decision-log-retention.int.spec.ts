import { randomUUID } from 'node:crypto';

import { createDecisionStore } from '../src/decisions/decision-store';
import { createDecisionLogRetention } from '../src/decisions/decision-log-retention';
import { buildChunk, buildRecord, type Fixture, openFixture } from '@tripline/store-fixture';

const DAY_MS = 86_400_000;

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(async () => fixture.close());

describe('decision log retention', () => {
  it('deletes old signals and their decisions in batches, and keeps recent and unfinished ones', async () => {
    const [done, busy] = [await fixture.addPipeline(), await fixture.addPipeline()];
    const name = randomUUID();
    const store = createDecisionStore(fixture.database);
    const dead = { offset: 7n, reason: 'not_json', rawSha256: 'ab'.repeat(32), rawPrefix: Buffer.alloc(1) };
    const records = Array.from({ length: 5 }, (_, index) => buildRecord(BigInt(index), [done]));
    const kept = buildRecord(5n, [busy]);
    const young = buildRecord(6n, [done]);
    await store.decideChunk(buildChunk([...records, kept, young], { topic: name, deadSignals: [dead] }));
    const manual = { pipelineId: busy.id, triggerId: randomUUID(), triggerMode: 'manual', occurredAt: 0 } as const;
    await store.decideTriggers([manual]);
    await fixture.rows(`UPDATE executions SET status = 'completed', finished_at = now() WHERE pipeline_id = $1`, [
      done.id,
    ]);
    const old = [...records, kept].map(({ signal }) => signal.signalId);
    await fixture.rows(`UPDATE signals SET recorded_at = now() - interval '2 days' WHERE id = ANY ($1::uuid[])`, [old]);
    await fixture.rows(`UPDATE dead_signals SET recorded_at = now() - interval '2 days' WHERE topic = $1`, [name]);
    await fixture.rows(`UPDATE signal_matches SET decided_at = now() - interval '2 days' WHERE signal_id = $1`, [
      manual.triggerId,
    ]);
    const retention = createDecisionLogRetention(fixture.database);
    const purge = async () => retention.purge({ olderThanMs: DAY_MS, batchSize: 3 });
    expect(await purge()).toEqual({ signals: 3, decisions: 4, deadSignals: 1, hasMore: true });
    expect(await purge()).toEqual({ signals: 2, decisions: 2, deadSignals: 0, hasMore: false });
    expect(await purge()).toEqual({ signals: 0, decisions: 0, deadSignals: 0, hasMore: false });
    const left = await fixture.rows<{ id: string }>('SELECT id FROM signals WHERE topic = $1 ORDER BY off', [name]);
    expect(left.map(({ id }) => id)).toEqual([kept.signal.signalId, young.signal.signalId]);
  });
});
