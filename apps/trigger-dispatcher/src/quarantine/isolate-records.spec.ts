import type { IncomingChunk } from '@tripline/messaging';
import type { CrashGuard, CrashGuardStore, ChunkResult, DecisionChunk } from '@tripline/decision-store';

import { isolateRecords } from './isolate-records';

class ProcessEnded extends Error {}

type Handle = (chunk: IncomingChunk) => Promise<void>;

function chunkOf(offsets: readonly number[]): IncomingChunk {
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

/** A store that outlives processes; `startProcess` starts a new process on it. */
function createWorld(killers: readonly number[], afterCrashes = 3) {
  let guard: CrashGuard | null = null;
  let saves = 0;
  const handled: number[][] = [];
  const dead: DecisionChunk[] = [];
  const quarantined: bigint[] = [];
  const store: CrashGuardStore = {
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
  const handleRecords = ({ messages }: IncomingChunk): void => {
    if (messages.some(({ offset }) => killers.includes(Number(offset)))) throw new ProcessEnded();
    handled.push(messages.map(({ offset }) => Number(offset)));
  };
  const startProcess = (fail: () => Error | null = () => null): Handle => {
    const isolate = isolateRecords({
      store,
      decide: (chunk) => {
        dead.push(chunk);
        return Promise.resolve({ decisions: [], created: [] } as unknown as ChunkResult);
      },
      afterCrashes,
      onQuarantined: ({ offset }) => quarantined.push(offset),
    });
    return async (chunk) => {
      for await (const piece of isolate(chunk)) {
        const failure = fail();
        if (failure !== null) throw failure;
        handleRecords(piece);
      }
    };
  };
  /** Starts processes until one finishes the chunk. Returns the number that crashed before. */
  const startUntilDone = async (offsets: readonly number[]): Promise<number> => {
    for (let ended = 0; ended < 50; ended += 1) {
      try {
        await startProcess()(chunkOf(offsets));
        return ended;
      } catch (error) {
        if (!(error instanceof ProcessEnded)) throw error;
      }
    }
    throw new Error('no process finishes the chunk');
  };
  return { handled, dead, quarantined, startProcess, startUntilDone, guard: () => guard, saves: () => saves };
}

describe('isolateRecords', () => {
  it('quarantines the record that crashes every process and handles the others', async () => {
    const world = createWorld([12]);
    expect(await world.startUntilDone([10, 11, 12, 13, 14])).toBe(6);
    expect(world.quarantined).toEqual([12n]);
    expect(world.dead).toMatchObject([{ nextOffset: 13n, records: [], deadSignals: [{ reason: 'process_killer' }] }]);
    expect(new Set(world.handled.flat())).toEqual(new Set([10, 11, 13, 14]));
    expect(world.guard()).toBeNull();
  });

  it('quarantines both the first and the last record of one chunk', async () => {
    const world = createWorld([10, 14]);
    await world.startUntilDone([10, 11, 12, 13, 14]);
    expect(world.quarantined).toEqual([10n, 14n]);
  });

  it('finds the record when the chunk is redelivered with different bounds', async () => {
    const world = createWorld([12]);
    for (const offsets of [
      [10, 11, 12],
      [10, 11, 12, 13],
      [10, 11, 12],
      [10, 11, 12, 13, 14],
      [10, 11, 12, 13],
    ]) {
      await expect(world.startProcess()(chunkOf(offsets))).rejects.toThrow(ProcessEnded);
    }
    await world.startUntilDone([10, 11, 12, 13, 14, 15]);
    expect(world.quarantined).toEqual([12n]);
  });

  it('does not count a thrown error as a crash', async () => {
    const world = createWorld([]);
    let failures = 20;
    const handler = world.startProcess(() => (failures-- > 0 ? new Error('the database is unavailable') : null));
    for (let delivery = 0; delivery < 20; delivery += 1) {
      await expect(handler(chunkOf([10, 11]))).rejects.toThrow('unavailable');
      expect(world.guard()).toMatchObject({ offset: 10n, crashCount: 1 });
    }
    await handler(chunkOf([10, 11]));
    expect([world.handled, world.quarantined]).toEqual([[[10, 11]], []]);
  });

  it('writes nothing after the first chunk of the partition is finished', async () => {
    const world = createWorld([]);
    const handler = world.startProcess();
    await handler(chunkOf([10, 11]));
    const before = world.saves();
    await handler(chunkOf([12, 13]));
    expect([before, world.saves()]).toEqual([1, 1]);
  });

  it('never quarantines a record when quarantining is off', async () => {
    const world = createWorld([10], 0);
    await expect(world.startUntilDone([10])).rejects.toThrow('no process finishes the chunk');
    expect(world.quarantined).toEqual([]);
  });
});
