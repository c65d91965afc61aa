import { eventually } from '@tripline/testing';
import type { EachBatchPayload, KafkaMessage } from 'kafkajs';

import { BatchAbandonedError } from '../errors';
import { SILENT_LOGGER, type IncomingChunk } from '../messages/message';
import { DEFAULT_LIMITS } from './batch-consumer';
import { processBatch } from './batch-processor';
import { OffsetCommitter } from './offset-committer';
import { PartitionSlots } from './partition-slots';
import { ProgressTracker } from './progress-tracker';

interface Script {
  handler?: (batch: IncomingChunk) => Promise<void>;
  heartbeat?: () => Promise<void>;
  commit?: () => Promise<void>;
  isStale?: () => boolean;
  isStopping?: () => boolean;
  /** Default 30, in chunks of 10. */
  records?: number;
}

/** Handles records in three chunks and reports what was resolved and committed. */
function run(script: Script) {
  const resolved: string[] = [];
  const committed: string[] = [];
  const handled: bigint[] = [];
  const messages = Array.from({ length: script.records ?? 30 }, (_, index) => {
    return { offset: String(index), key: null, value: Buffer.from('v'), timestamp: '0', headers: {} };
  }) as unknown as KafkaMessage[];
  const payload = {
    batch: { topic: 't', partition: 0, highWatermark: '35', messages },
    resolveOffset: (offset: string) => resolved.push(offset),
    heartbeat: script.heartbeat ?? (async () => undefined),
    async commitOffsetsIfNecessary(offsets: { topics: { partitions: { offset: string }[] }[] }) {
      await script.commit?.();
      committed.push(...offsets.topics.flatMap(({ partitions }) => partitions.map(({ offset }) => offset)));
    },
    isRunning: () => true,
    isStale: script.isStale ?? (() => false),
  } as unknown as EachBatchPayload;
  const progress = new ProgressTracker();
  const slots = new PartitionSlots(() => 0);
  const commits = new OffsetCommitter(0);
  const sought: bigint[] = [];
  const deps: Parameters<typeof processBatch>[1] = {
    async handler(batch) {
      await script.handler?.(batch);
      handled.push(...batch.messages.map(({ offset }) => offset));
    },
    onBatchStart: undefined,
    limits: { ...DEFAULT_LIMITS, maxRecords: (script.records ?? 30) / 3 },
    progress,
    logger: SILENT_LOGGER,
    onProgress: () => undefined,
    isStopping: script.isStopping ?? (() => false),
    seek: (_topic, _partition, offset) => void sought.push(offset),
    slots,
    commits,
  };
  const batch = processBatch(payload, deps);
  /** The batch, and what the next batch would see first. */
  const done = (async () => {
    try {
      await batch;
      await slots.of('t', 0).finish();
    } finally {
      await commits.flush();
    }
    commits.throwIfRefused();
  })();
  return { batch, done, resolved, committed, handled, progress, sought, slots };
}

describe('processBatch', () => {
  it('resolves the last offset of every chunk and commits the next offset, batching commits in quick succession', async () => {
    const { done, resolved, committed, progress } = run({});
    await done;
    expect(resolved).toEqual(['9', '19', '29']);
    expect(committed[0]).toBe('10');
    expect(committed.at(-1)).toBe('30');
    expect(progress.all()).toEqual([{ topic: 't', partition: 0, nextOffset: 30n, highWatermark: 35n, lag: 5 }]);
  });

  it('commits nothing of a chunk whose handler throws', async () => {
    const { done, committed, sought } = run({
      handler: async ({ messages }) => {
        if (messages[0]?.offset === 10n) throw new Error('no');
      },
    });
    await expect(done).rejects.toThrow('no');
    expect(committed).toEqual(['10']);
    expect(sought).toEqual([10n]);
  });

  it.each([
    ['does not wait for the last chunk of a large batch, and throws its failure at the next batch', 300, true],
    ['waits for the last chunk of a small batch, so that the next fetch finds more', 30, false],
  ])('%s', async (_, records, isAhead) => {
    let fail: (error: Error) => void = () => undefined;
    const lastChunk = (records / 3) * 2;
    const { batch, done, committed, sought, handled } = run({
      records,
      handler: ({ messages }) =>
        messages[0]?.offset === BigInt(lastChunk) ? new Promise((_, reject) => (fail = reject)) : Promise.resolve(),
    });
    let hasReturned = false;
    void batch.then(
      () => (hasReturned = true),
      () => undefined,
    );
    const outcome = expect(done).rejects.toThrow('late');
    await eventually(() => expect(handled).toHaveLength(lastChunk));
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasReturned).toBe(isAhead);
    fail(new Error('late'));
    await outcome;
    expect(sought).toEqual([BigInt(lastChunk)]);
    expect(committed.at(-1)).toBe(String(lastChunk));
  });

  it('returns while the last chunk of a large batch is in progress, so the client can fetch the next batch', async () => {
    let finish: () => void = () => undefined;
    const { batch, done, handled, committed } = run({
      records: 300,
      handler: ({ messages }) =>
        messages[0]?.offset === 200n ? new Promise((resolve) => (finish = resolve)) : Promise.resolve(),
    });
    await batch;
    expect(handled).toHaveLength(200);
    finish();
    await done;
    expect(handled).toHaveLength(300);
    expect(committed.at(-1)).toBe('300');
  });

  it('ignores a chunk that ends after the partitions were reassigned', async () => {
    let fail: (error: Error) => void = () => undefined;
    const { done, sought, handled, slots } = run({
      handler: ({ messages }) =>
        messages[0]?.offset === 20n ? new Promise((_, reject) => (fail = reject)) : Promise.resolve(),
    });
    await eventually(() => expect(handled).toHaveLength(20));
    slots.onAssigned();
    fail(new Error('late'));
    await done;
    expect(sought).toEqual([]);
  });

  it('stops at once when the heartbeat between chunks is rejected', async () => {
    const { done, committed, handled } = run({ heartbeat: () => Promise.reject(new Error('rebalance')) });
    await expect(done).rejects.toThrow('rebalance');
    expect(committed).toEqual(['10']);
    expect(handled).toHaveLength(10);
  });

  it('commits nothing when the handler swallows a rejected heartbeat', async () => {
    const { done, committed } = run({
      heartbeat: () => Promise.reject(new Error('rebalance')),
      handler: ({ heartbeat }) => heartbeat().catch(() => undefined),
    });
    await expect(done).rejects.toThrow('rebalance');
    expect(committed).toEqual([]);
  });

  it('stops when the commit is rejected', async () => {
    const { done, handled } = run({ commit: () => Promise.reject(new Error('illegal generation')) });
    await expect(done).rejects.toThrow('illegal generation');
    expect(handled.length).toBeLessThan(30);
  });

  it('doubles the chunk size after an assignment, so a record that crashes the process soon arrives in a small chunk', async () => {
    const slot = new PartitionSlots(() => 0).of('t', 0);
    const allowed: number[] = [];
    for (let chunk = 0; chunk < 6; chunk += 1) {
      allowed.push(slot.nextChunkRecords(5_000));
      slot.begin(() => Promise.resolve());
      await slot.finish();
    }
    slot.reset();
    expect([...allowed, slot.nextChunkRecords(5_000), slot.nextChunkRecords(10)]).toEqual([
      200, 400, 800, 1600, 3200, 5000, 200, 10,
    ]);
  });

  it('leaves the rest of the batch unresolved on seek and stop', async () => {
    let chunks = 0;
    const countChunk = async () => void (chunks += 1);
    const seeking = run({ handler: countChunk, isStale: () => chunks === 1 });
    await seeking.done;
    expect(seeking.resolved).toEqual(['9']);
    chunks = 0;
    const stopping = run({ handler: countChunk, isStopping: () => chunks === 2 });
    await stopping.done;
    expect(stopping.committed.at(-1)).toBe('20');
  });

  it('accepts an abandoned chunk only while stopping, and otherwise treats it as a failure', async () => {
    const giveBack = () => Promise.reject(new BatchAbandonedError());
    let isStopping = false;
    const stopping = run({
      isStopping: () => isStopping,
      handler: () => {
        isStopping = true;
        return giveBack();
      },
    });
    await stopping.done;
    expect(stopping.committed).toEqual([]);
    await expect(run({ handler: giveBack }).done).rejects.toThrow(BatchAbandonedError);
  });
});
