import type { SweepResult } from '@tripline/execution-store';

import { createSweeper } from './sweeper';

const INTERVAL_MS = 5_000;

function createHarness(due: number, takes: () => boolean = () => true) {
  let left = due;
  const sweeps: number[] = [];
  const sweeper = createSweeper({
    store: {
      sweep: ({ batchSize = 0 } = {}) => {
        const count = Math.min(left, batchSize);
        left -= count;
        sweeps.push(count);
        const requeue = Array.from({ length: count }, (_, n) => ({ executionId: `e${n}` }));
        return Promise.resolve({ requeue, failed: [], timedOut: [], expired: [] } as unknown as SweepResult);
      },
    },
    enqueue: () => Promise.resolve(takes()),
    limits: {},
    intervalMs: INTERVAL_MS,
    onSwept: () => undefined,
    onFailed: () => undefined,
  });
  return { sweeper, sweeps };
}

describe('createSweeper', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('continues at once after a full batch, so a backlog clears quickly', async () => {
    const { sweeper, sweeps } = createHarness(1_200);
    await sweeper.start();
    await jest.advanceTimersByTimeAsync(INTERVAL_MS);
    await sweeper.stop();
    expect(sweeps).toEqual([500, 500, 200]);
  });

  it('leaves the rest to the next round while the queue is unavailable', async () => {
    const { sweeper, sweeps } = createHarness(1_200, () => false);
    await sweeper.start();
    await jest.advanceTimersByTimeAsync(2 * INTERVAL_MS);
    await sweeper.stop();
    expect(sweeps).toEqual([500, 500]);
  });
});
