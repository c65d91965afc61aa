import type { IncomingBatch } from '@tripline/messaging';
import type { ChunkGuard, ChunkGuardStore, ChunkResult, DecisionChunk } from '@tripline/decision-store';

import { guardChunks } from './guard-chunks';

class ProcessEnded extends Error {}

function batchOf(offsets: readonly number[]): IncomingBatch {
  return {
    topic: 'signals',
    partition: 1,
    highWatermark: 100n,
    messages: offsets.map((offset) => ({
      offset: BigInt(offset),
      key: null,
      value: Buffer.from(`record ${offset}`),
      headers: {},
      timestampMs: 0,
    })),
    heartbeat: () => Promise.resolve(),
    isRunning: () => true,
  };
}

/** A store that outlives processes; `startProcess` is a fresh one on it. */
function createWorld(killers: readonly number[], afterStrikes = 3) {
  let guard: ChunkGuard | null = null;
  let saves = 0;
  const handled: number[][] = [];
  const dead: DecisionChunk[] = [];
  const quarantined: bigint[] = [];
  const store: ChunkGuardStore = {
    load: () => Promise.resolve(guard),
    save: (_partition, next) => {
      guard = next;
      saves += 1;
      return Promise.resolve();
    },
    clear: () => {
      guard = null;
      return Promise.resolve();
    },
  };
  const startProcess = (fail: () => Error | null = () => null) =>
    guardChunks({
      store,
      decisions: {
        decideChunk: (chunk) => {
          dead.push(chunk);
          return Promise.resolve({ decisions: [], created: [] } as unknown as ChunkResult);
        },
      },
      afterStrikes,
      onQuarantined: ({ offset }) => quarantined.push(offset),
      handler: ({ messages }) => {
        const failure = fail();
        if (failure !== null) return Promise.reject(failure);
        if (messages.some(({ offset }) => killers.includes(Number(offset)))) return Promise.reject(new ProcessEnded());
        handled.push(messages.map(({ offset }) => Number(offset)));
        return Promise.resolve();
      },
    });
  /** Starts processes until one gets through the batch; the number of those that ended before. */
  const startUntilDone = async (offsets: readonly number[]): Promise<number> => {
    for (let ended = 0; ended < 50; ended += 1) {
      try {
        await startProcess()(batchOf(offsets));
        return ended;
      } catch (error) {
        if (!(error instanceof ProcessEnded)) throw error;
      }
    }
    throw new Error('no process gets through');
  };
  return { handled, dead, quarantined, startProcess, startUntilDone, guard: () => guard, saves: () => saves };
}

describe('guardChunks', () => {
  it('puts aside the one record that ends every process, and handles the others', async () => {
    const world = createWorld([12]);
    expect(await world.startUntilDone([10, 11, 12, 13, 14])).toBe(6);
    expect(world.quarantined).toEqual([12n]);
    expect(world.dead).toMatchObject([{ nextOffset: 13n, records: [], deadSignals: [{ reason: 'process_killer' }] }]);
    expect(new Set(world.handled.flat())).toEqual(new Set([10, 11, 13, 14]));
    expect(world.guard()).toBeNull();
  });

  it('finds two such records of one chunk, the first and the last among them', async () => {
    const world = createWorld([10, 14]);
    await world.startUntilDone([10, 11, 12, 13, 14]);
    expect(world.quarantined).toEqual([10n, 14n]);
  });

  it('finds it although the chunk comes again with other borders', async () => {
    const world = createWorld([12]);
    for (const offsets of [
      [10, 11, 12],
      [10, 11, 12, 13],
      [10, 11, 12],
      [10, 11, 12, 13, 14],
      [10, 11, 12, 13],
    ]) {
      await expect(world.startProcess()(batchOf(offsets))).rejects.toThrow(ProcessEnded);
    }
    await world.startUntilDone([10, 11, 12, 13, 14, 15]);
    expect(world.quarantined).toEqual([12n]);
  });

  it('takes no failure that is thrown for the end of a process', async () => {
    const world = createWorld([]);
    let failures = 20;
    const handler = world.startProcess(() => (failures-- > 0 ? new Error('the database is away') : null));
    for (let delivery = 0; delivery < 20; delivery += 1) {
      await expect(handler(batchOf([10, 11]))).rejects.toThrow('away');
      expect(world.guard()).toMatchObject({ offset: 10n, strikes: 1 });
    }
    await handler(batchOf([10, 11]));
    expect([world.handled, world.quarantined]).toEqual([[[10, 11]], []]);
  });

  it('writes nothing more once a chunk of the partition is through', async () => {
    const world = createWorld([]);
    const handler = world.startProcess();
    await handler(batchOf([10, 11]));
    const before = world.saves();
    await handler(batchOf([12, 13]));
    expect([before, world.saves()]).toEqual([1, 1]);
  });

  it('never puts anything aside when it is switched off', async () => {
    const world = createWorld([10], 0);
    await expect(world.startUntilDone([10])).rejects.toThrow('no process gets through');
    expect(world.quarantined).toEqual([]);
  });
});
