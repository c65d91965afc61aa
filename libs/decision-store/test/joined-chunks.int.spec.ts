import { randomUUID } from 'node:crypto';

import { LogTruncatedError } from '@tripline/database';
import { createDecisionStore } from '../src/decisions/decision-store';
import { buildChunk, buildRecord, type Fixture, openFixture } from '@tripline/store-fixture';

let transactions = 0;
let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture({ onTransaction: () => (transactions += 1) });
});
afterAll(async () => fixture.close());
beforeEach(() => (transactions = 0));

const progressOf = async (topic: string) =>
  fixture.rows(
    `SELECT part, next_off::int AS next, records::int AS records, matched::int AS matched, dead::int AS dead,
       duplicates::int AS duplicates FROM consumer_progress WHERE topic = $1 ORDER BY part`,
    [topic],
  );

describe('small chunks of several partitions', () => {
  it('share a transaction, and each gets its own answer, count and decision log rows', async () => {
    const store = createDecisionStore(fixture.database);
    const topic = randomUUID();
    const pipelines = await Promise.all([0, 1, 2].map(() => fixture.addPipeline()));
    transactions = 0;
    const results = await Promise.all(
      [2, 0, 1].map((partition) => {
        const matching = buildRecord(BigInt(partition * 10), pipelines.slice(partition, partition + 1));
        const other = buildRecord(BigInt(partition * 10 + 1), []);
        return store.decideChunk(buildChunk([matching, other], { topic, partition }));
      }),
    );
    expect(transactions).toBe(1);
    expect(results.map(({ decisions }) => decisions.map(({ pipelineId }) => pipelineId))).toEqual(
      [2, 0, 1].map((partition) => [pipelines[partition]?.id]),
    );
    expect(results.map(({ created }) => created.length)).toEqual([1, 1, 1]);
    expect(results.map(({ counted }) => [counted.valid, counted.matched])).toEqual([2, 2, 2].map((n) => [n, 1]));
    const places = await fixture.rows(
      'SELECT m.part, m.off::int AS off, s.part AS signal_part, s.off::int AS signal_off FROM signal_matches m JOIN signals s ON s.id = m.signal_id WHERE m.topic = $1 ORDER BY 1',
      [topic],
    );
    expect(places).toEqual(
      [0, 1, 2].map((part) => ({ part, off: part * 10, signal_part: part, signal_off: part * 10 })),
    );
    expect((await progressOf(topic)).map((row) => [row['part'], row['next']])).toEqual([
      [0, 2],
      [1, 12],
      [2, 22],
    ]);
  });

  it('decide a signal that is in two of them once', async () => {
    const store = createDecisionStore(fixture.database);
    const topic = randomUUID();
    const pipeline = await fixture.addPipeline();
    const record = buildRecord(0n, [pipeline]);
    const [first, second] = await Promise.all(
      [0, 1].map((partition) => store.decideChunk(buildChunk([record], { topic, partition }))),
    );
    expect([first?.decisions.length, second?.decisions.length]).toEqual([1, 0]);
    expect((await progressOf(topic)).map(({ matched, duplicates }) => [matched, duplicates])).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  it('fail individually', async () => {
    const store = createDecisionStore(fixture.database);
    const topic = randomUUID();
    const pipeline = await fixture.addPipeline();
    await store.decideChunk(buildChunk([buildRecord(9n, [])], { topic, partition: 1 }));
    const [good, refused] = await Promise.allSettled([
      store.decideChunk(buildChunk([buildRecord(0n, [pipeline])], { topic, partition: 0 })),
      store.decideChunk(buildChunk([buildRecord(0n, [])], { topic, partition: 1, highWatermark: 3n })),
    ]);
    expect(good).toMatchObject({ status: 'fulfilled', value: { decisions: [{ pipelineId: pipeline.id }] } });
    expect(refused).toMatchObject({ status: 'rejected', reason: expect.any(LogTruncatedError) as unknown });
  });

  it('leave a large chunk in its own transaction', async () => {
    const store = createDecisionStore(fixture.database);
    const topic = randomUUID();
    const many = Array.from({ length: 300 }, (_, index) => buildRecord(BigInt(index), []));
    await Promise.all([
      store.decideChunk(buildChunk(many, { topic, partition: 0 })),
      store.decideChunk(buildChunk([buildRecord(0n, [])], { topic, partition: 1 })),
    ]);
    expect(transactions).toBe(2);
  });
});
