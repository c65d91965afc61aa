import { executionIdOf, type Pipeline } from '@tripline/triggers';
import { buildSignal } from '@tripline/testing';
import { randomUUID } from 'node:crypto';

import type { ChunkRecord, DeadRecord } from '../src/decisions/decision-records';
import { createDecisionStore } from '../src/decisions/decision-store';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { createSignalRepository } from '../src/signals/signal-repository';
import { buildChunk, buildRecord, type Fixture, openFixture } from '@tripline/store-fixture';

const DAY_MS = 86_400_000;
const NOON = Date.UTC(2020, 5, 1, 12);

let fixture: Fixture;
let attempts: number[] = [];
beforeAll(async () => {
  fixture = await openFixture({ onTransaction: (event) => attempts.push(event.attempts) });
});
beforeEach(() => {
  attempts = [];
});
afterAll(async () => fixture.close());

const store = () => createDecisionStore(fixture.database);
const topic = () => `topic-${randomUUID()}`;

async function finish(pipeline: Pipeline): Promise<void> {
  await fixture.rows(
    `UPDATE executions SET status = 'completed', finished_at = now() WHERE pipeline_id = $1 AND finished_at IS NULL`,
    [pipeline.id],
  );
}

async function progressOf(name: string) {
  return (await createSignalRepository(fixture.database).loadProgress()).find((row) => row.topic === name);
}

const deadRecord = (offset: bigint): DeadRecord => ({
  offset,
  reason: 'not_json',
  detail: 'x'.repeat(900),
  rawSha256: 'ab'.repeat(32),
  rawPrefix: Buffer.alloc(1000, 0xff),
});

describe('deciding a chunk', () => {
  it('stores a dead record without bytes, alone and among others', async () => {
    const name = topic();
    const empty = (offset: bigint): DeadRecord => ({
      ...deadRecord(offset),
      reason: 'empty',
      rawPrefix: Buffer.alloc(0),
    });
    await store().decideChunk(buildChunk([], { topic: name, deadSignals: [empty(1n)] }));
    await store().decideChunk(buildChunk([], { topic: name, deadSignals: [deadRecord(2n), empty(3n)] }));
    const rows = await fixture.database.query<{ off: string; bytes: number }>(
      { text: 'SELECT off::text, octet_length(raw_prefix) AS bytes FROM dead_signals WHERE topic = $1 ORDER BY off' },
      [name],
    );
    expect(rows).toEqual([
      { off: '1', bytes: 0 },
      { off: '2', bytes: 256 },
      { off: '3', bytes: 0 },
    ]);
  });

  it('stores signal, decision and execution, and counts the records', async () => {
    const pipeline = await fixture.addPipeline();
    const name = topic();
    const hit = buildRecord(5n, [pipeline], { signal: { metadata: { note: 'a\u0000b', rsi: 28.5 } } });
    const result = await store().decideChunk(
      buildChunk([hit, buildRecord(6n, [])], { topic: name, deadSignals: [deadRecord(7n)] }),
    );

    expect(result.counted).toEqual({ records: 3, valid: 2, dead: 1, matched: 1, unmatched: 1, duplicates: 0 });
    expect(result.previousNextOffset).toBeNull();
    const executionId = executionIdOf(pipeline.id, hit.signal.signalId);
    expect(result.created).toEqual([
      {
        executionId,
        generation: 1,
        pipelineId: pipeline.id,
        userId: fixture.trader.userId,
        traceparent: hit.traceparent,
      },
    ]);
    expect(result.decisions).toMatchObject([
      { pipelineId: pipeline.id, userId: fixture.trader.userId, outcome: 'TRIGGERED', executionId, ticker: '^SPX' },
    ]);
    const stored = await createSignalRepository(fixture.database).find(
      { userId: randomUUID(), role: 'trader' },
      hit.signal.signalId,
    );
    expect(stored).toMatchObject({ topic: name, partition: 0, offset: 5n, traceparent: hit.traceparent });
    expect(stored?.signal).toEqual({ ...hit.signal, metadata: { note: 'a\ufffdb', rsi: 28.5 } });
    const dead = await fixture.rows<{ prefix: number; detail: number }>(
      'SELECT octet_length(raw_prefix) AS prefix, length(detail) AS detail FROM dead_signals WHERE topic = $1',
      [name],
    );
    expect(dead).toEqual([{ prefix: 256, detail: 500 }]);
  });

  it('accepts a record with an invalid append time', async () => {
    const pipeline = await fixture.addPipeline();
    const times = [-1, 9e18, 1e15, NaN];
    const records = times.map((appendedAtMs, index) => buildRecord(BigInt(index), [pipeline], { appendedAtMs }));
    const { decisions } = await store().decideChunk(buildChunk(records, { topic: topic() }));
    expect(decisions.map(({ outcome }) => outcome)).toEqual([
      'TRIGGERED',
      'SKIPPED_ACTIVE',
      'SKIPPED_ACTIVE',
      'SKIPPED_ACTIVE',
    ]);
  });

  it('adds nothing when the same chunk is redelivered', async () => {
    const pipeline = await fixture.addPipeline();
    const chunk = buildChunk([buildRecord(0n, [pipeline]), buildRecord(1n, [])], {
      topic: topic(),
      deadSignals: [deadRecord(2n)],
    });
    await store().decideChunk(chunk);
    const before = await progressOf(chunk.topic);
    const again = await store().decideChunk(chunk);

    expect(again.decisions).toEqual([]);
    expect(again.created).toEqual([]);
    expect(again.counted.records).toBe(0);
    expect(again.previousNextOffset).toBe(3n);
    expect(await progressOf(chunk.topic)).toEqual(before);
  });

  it('counts every record once when redelivered chunks have different boundaries', async () => {
    const pipelines = [await fixture.addPipeline(), await fixture.addPipeline()];
    const name = topic();
    const records = Array.from({ length: 12 }, (_, index) => buildRecord(BigInt(index), index % 3 ? pipelines : []));
    const borders = [
      [0, 5],
      [3, 8],
      [0, 12],
      [7, 12],
      [2, 4],
    ] as const;
    let decided = 0;
    for (const [from, to] of borders) {
      const chunk = buildChunk(records.slice(from, to), { topic: name });
      decided += (await store().decideChunk(chunk)).decisions.length;
    }
    expect(decided).toBe(16);
    expect(await progressOf(name)).toMatchObject({
      nextOffset: 12n,
      records: 12,
      valid: 12,
      matched: 8,
      unmatched: 4,
      duplicates: 0,
    });
  });

  it('counts a signal the producer sent twice as a duplicate and decides it once', async () => {
    const pipeline = await fixture.addPipeline();
    const name = topic();
    const signal = buildSignal();
    const records = [0n, 1n, 2n].map((offset) => buildRecord(offset, [pipeline], { signal }));
    const first = await store().decideChunk(buildChunk(records.slice(0, 2), { topic: name }));
    const second = await store().decideChunk(buildChunk(records.slice(2), { topic: name }));

    expect([first.decisions.length, second.decisions.length]).toEqual([1, 0]);
    expect([first.counted.duplicates, second.counted.duplicates]).toEqual([1, 1]);
  });

  it('decides in log order: the first triggers, the next finds it active', async () => {
    const pipeline = await fixture.addPipeline();
    const records = [0n, 1n, 2n].map((offset) => buildRecord(offset, [pipeline]));
    const { decisions, created } = await store().decideChunk(buildChunk(records, { topic: topic() }));

    expect(decisions.map((decision) => decision.outcome)).toEqual(['TRIGGERED', 'SKIPPED_ACTIVE', 'SKIPPED_ACTIVE']);
    expect(decisions[1]?.detail).toMatchObject({ active_execution_id: created[0]?.executionId });
    expect(created).toHaveLength(1);
  });

  it('measures cooldown in event time and age in append time by the clock of PostgreSQL', async () => {
    const pipeline = await fixture.addPipeline({ cooldownMs: DAY_MS, maxSignalAgeMs: 60_000 });
    const name = topic();
    const decide = async (offset: bigint, record: Partial<ChunkRecord>, occurredAt: number) => {
      const full = { ...buildRecord(offset, [pipeline], { signal: { occurredAt } }), ...record };
      const { decisions } = await store().decideChunk(buildChunk([full], { topic: name }));
      await finish(pipeline);
      return decisions[0];
    };
    expect(await decide(0n, {}, NOON)).toMatchObject({ outcome: 'TRIGGERED' });
    expect(await decide(1n, {}, NOON + DAY_MS - 1)).toMatchObject({
      outcome: 'SKIPPED_COOLDOWN',
      detail: { cooldown_left_ms: 1, last_triggered_at: NOON },
    });
    expect(await decide(2n, {}, NOON + DAY_MS)).toMatchObject({ outcome: 'TRIGGERED' });
    expect(await decide(3n, { appendedAtMs: Date.now() - 90_000 }, NOON + 5 * DAY_MS)).toMatchObject({
      outcome: 'EXPIRED',
      reason: 'signal_too_old',
    });
  });
});

describe('a pipeline that changed after it was matched', () => {
  it('is matched again at its new version', async () => {
    const matched = await fixture.addPipeline();
    const pipelines = createPipelineRepository(fixture.database);
    const strict = { signalType: 'golden_cross', minConfidence: 90 };
    await pipelines.update(fixture.trader, matched.id, { ...matched, subscriptions: [strict] });
    const name = topic();
    const dropped = await store().decideChunk(buildChunk([buildRecord(0n, [matched])], { topic: name }));
    expect(dropped.decisions).toEqual([]);
    expect(dropped.counted).toMatchObject({ valid: 1, matched: 0, unmatched: 1 });

    await pipelines.update(fixture.trader, matched.id, { ...matched, tickers: ['^SPX', 'MSFT'] });
    const kept = await store().decideChunk(buildChunk([buildRecord(1n, [matched])], { topic: name }));
    expect(kept.decisions).toMatchObject([{ outcome: 'TRIGGERED', pipelineVersion: 3 }]);
  });

  it('is recorded as expired when it was switched off or removed', async () => {
    const pipelines = createPipelineRepository(fixture.database);
    const off = await fixture.addPipeline();
    const gone = await fixture.addPipeline();
    await pipelines.setActive(fixture.trader, off.id, false);
    await pipelines.remove(fixture.trader, gone.id);
    const { decisions } = await store().decideChunk(buildChunk([buildRecord(0n, [off, gone])], { topic: topic() }));
    expect(decisions.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['EXPIRED', 'pipeline_inactive'],
      ['EXPIRED', 'pipeline_inactive'],
    ]);
  });
});

describe('concurrent dispatchers', () => {
  it('give every pair of the same records one outcome and one execution', async () => {
    const pipelines = await Promise.all(Array.from({ length: 6 }, async () => fixture.addPipeline()));
    const name = topic();
    const records = Array.from({ length: 30 }, (_, index) =>
      buildRecord(
        BigInt(index),
        [...pipelines].sort(() => Math.random() - 0.5),
      ),
    );
    const results = await Promise.all(
      Array.from({ length: 4 }, async (_, dispatcher) => {
        const shift = dispatcher * 3;
        const chunks = [records.slice(0, 10 + shift), records.slice(10 + shift)].filter((chunk) => chunk.length > 0);
        const decided = [];
        for (const chunk of chunks) decided.push(await store().decideChunk(buildChunk(chunk, { topic: name })));
        return decided;
      }),
    );
    const decisions = results.flat().flatMap((result) => result.decisions);
    expect(decisions).toHaveLength(180);
    expect(new Set(decisions.map((entry) => `${entry.pipelineId}/${entry.signalId}`)).size).toBe(180);
    expect(results.flat().flatMap((result) => result.created)).toHaveLength(6);
    expect(await progressOf(name)).toMatchObject({ records: 30, matched: 30, duplicates: 0, nextOffset: 30n });
  });

  it('never start two executions of one pipeline with eight partitions at once', async () => {
    const pipelines = await Promise.all(Array.from({ length: 5 }, async () => fixture.addPipeline()));
    const name = topic();
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, async (_, partition) => {
        const order = [...pipelines].sort(() => Math.random() - 0.5);
        const record = buildRecord(0n, order);
        return store().decideChunk(buildChunk([record], { topic: name, partition }));
      }),
    );
    const counts = new Map<string, number>();
    for (const { outcome } of outcomes.flatMap((result) => result.decisions)) {
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({ TRIGGERED: 5, SKIPPED_ACTIVE: 35 });
    // They waited for each other's locks: no deadlock, and the unique index was not needed.
    expect(new Set(attempts)).toEqual(new Set([1]));
  });

  it('decide a signal that is in two partitions once, also when both are decided concurrently', async () => {
    const pipelines = await Promise.all(Array.from({ length: 4 }, async () => fixture.addPipeline()));
    const name = topic();
    const signals = Array.from({ length: 8 }, () => buildSignal());
    const results = await Promise.all(
      [0, 1, 2].map(async (partition) => {
        const order = partition === 1 ? [...signals].reverse() : signals;
        const records = order.map((signal, index) => buildRecord(BigInt(index), pipelines, { signal }));
        return store().decideChunk(buildChunk(records, { topic: name, partition }));
      }),
    );
    const pairs = results.flatMap((result) => result.decisions).map((entry) => `${entry.signalId}/${entry.pipelineId}`);
    expect(pairs).toHaveLength(32);
    expect(new Set(pairs).size).toBe(32);
    expect(results.flatMap((result) => result.created)).toHaveLength(4);
  });

  it('treat a pair as decided when its execution exists but its decision log row was pruned', async () => {
    const pipeline = await fixture.addPipeline();
    const name = topic();
    const records = [0n, 1n].map((offset) => buildRecord(offset, [pipeline]));
    const first = await store().decideChunk(buildChunk(records, { topic: name }));
    await fixture.rows('DELETE FROM signal_matches WHERE pipeline_id = $1', [pipeline.id]);
    await finish(pipeline);
    const again = await store().decideChunk(buildChunk(records, { topic: name }));
    expect(first.created).toHaveLength(1);
    // The pair with an execution is known by it. The skipped pair is decided as if for the first time.
    expect(again.decisions.map((entry) => entry.signalId)).toEqual([records[1]?.signal.signalId]);
    expect(attempts).toContain(2);
  });

  it('are stopped by the unique index when a lock is missing', async () => {
    const { pipelineId } = await fixture.addExecution();
    await expect(
      fixture.rows(
        `INSERT INTO executions (id, user_id, pipeline_id, pipeline_version, trigger_mode, signal_id, occurred_at)
         VALUES ($1, $1, $2, 1, 'signal', $1, now())`,
        [randomUUID(), pipelineId],
      ),
    ).rejects.toMatchObject({ constraint: 'one_active' });
  });
});

describe('a recreated topic', () => {
  it('restarts its offsets under the next epoch, and the old epoch counts nothing', async () => {
    const name = topic();
    await store().decideChunk(buildChunk([buildRecord(9n, [])], { topic: name }));
    const next = await store().decideChunk(buildChunk([buildRecord(0n, [])], { topic: name, epoch: 1 }));
    const old = await store().decideChunk(buildChunk([buildRecord(10n, [])], { topic: name, epoch: 0 }));
    expect([next.counted.records, old.counted.records]).toEqual([1, 0]);
    expect(await progressOf(name)).toMatchObject({ epoch: 1, nextOffset: 1n, records: 2 });
  });

  it('is detected by a log that ends before the decided offset, without losing a record', async () => {
    const name = topic();
    const dead = (offset: bigint) => [deadRecord(offset)];
    await store().decideChunk(
      buildChunk([buildRecord(9n, [])], { topic: name, deadSignals: dead(0n), highWatermark: 10n }),
    );
    const anew = buildChunk([buildRecord(1n, [])], { topic: name, deadSignals: dead(0n), highWatermark: 2n });
    await expect(store().decideChunk(anew)).rejects.toMatchObject({
      name: 'LogTruncatedError',
      epoch: 0,
      nextOffset: 10n,
    });

    await store().decideChunk({ ...anew, epoch: 1 });
    await store().decideChunk(buildChunk([buildRecord(2n, [])], { topic: name, highWatermark: 3n }));
    expect(await progressOf(name)).toMatchObject({ epoch: 1, nextOffset: 3n, records: 5, dead: 2 });
    const stored = await fixture.rows('SELECT epoch FROM dead_signals WHERE topic = $1 ORDER BY epoch', [name]);
    expect(stored).toEqual([{ epoch: 0 }, { epoch: 1 }]);
  });
});

describe('triggers without an offset', () => {
  it('start one execution per trigger id, and a manual one also for a switched-off pipeline', async () => {
    const pipeline = await fixture.addPipeline({ isActive: false, triggerMode: 'manual', tickers: ['MSFT'] });
    const manual = {
      pipelineId: pipeline.id,
      triggerId: randomUUID(),
      triggerMode: 'manual',
      occurredAt: NOON,
    } as const;
    const first = await store().decideTriggers([manual]);
    const again = await store().decideTriggers([manual]);
    const periodic = { ...manual, triggerMode: 'periodic', triggerId: randomUUID() } as const;
    const unknown = { ...manual, pipelineId: randomUUID() };
    const other = await store().decideTriggers([periodic, unknown]);

    expect(first.decisions).toMatchObject([{ outcome: 'TRIGGERED', ticker: 'MSFT', triggerMode: 'manual' }]);
    expect(first.created).toHaveLength(1);
    expect(again).toEqual({ decisions: [], created: [], ended: [], unknown: [] });
    expect(other.decisions).toMatchObject([{ outcome: 'EXPIRED', reason: 'pipeline_inactive' }]);
    expect(other.unknown).toEqual([unknown.pipelineId]);
  });
});

describe('acknowledging enqueued jobs', () => {
  it('updates only the current generation', async () => {
    const { executionId } = await fixture.addExecution();
    expect(await store().acknowledgeEnqueued([{ executionId, generation: 2 }])).toBe(0);
    expect(await store().acknowledgeEnqueued([{ executionId, generation: 1 }])).toBe(1);
  });
});
