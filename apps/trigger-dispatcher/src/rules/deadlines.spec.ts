import type { FiredRules } from '@tripline/decision-store';

import { createDeadlines } from './deadlines';

const INTERVAL_MS = 1_000;

function createHarness(due: number, options: { fails?: boolean; purgeable?: number } = {}) {
  let [left, purgeable, clock] = [due, options.purgeable ?? 0, 0];
  const batches: number[] = [];
  const purges: number[] = [];
  const enqueued: unknown[] = [];
  const failures: unknown[] = [];
  const deadlines = createDeadlines({
    store: {
      fireDue: (limit) => {
        if (options.fails === true) return Promise.reject(new Error('no database'));
        const count = Math.min(left, limit);
        left -= count;
        batches.push(count);
        const created = Array.from({ length: count }, (_, n) => ({ executionId: `e${n}` }));
        return Promise.resolve({ due: count, decisions: [], created, ended: [], unknown: [] } as unknown as FiredRules);
      },
      purge: (limit) => {
        const count = Math.min(purgeable, limit);
        purgeable -= count;
        purges.push(count);
        return Promise.resolve(count);
      },
    },
    enqueue: (executions) => {
      enqueued.push(...executions);
      return Promise.resolve(true);
    },
    onDecided: () => undefined,
    intervalMs: INTERVAL_MS,
    monotonicMs: () => clock,
    onFailed: (error) => failures.push(error),
  });
  return { deadlines, batches, purges, enqueued, failures, setClock: (ms: number) => (clock = ms) };
}

describe('createDeadlines', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('continues at once after a full batch and enqueues the executions of each batch', async () => {
    const { deadlines, batches, enqueued } = createHarness(450);
    await deadlines.start();
    await jest.advanceTimersByTimeAsync(INTERVAL_MS);
    await deadlines.stop();
    expect(batches).toEqual([200, 200, 50]);
    expect(enqueued).toHaveLength(450);
  });

  it('deletes stale states once an hour, in batches', async () => {
    const { deadlines, purges, setClock } = createHarness(0, { purgeable: 6_000 });
    await deadlines.start();
    await jest.advanceTimersByTimeAsync(INTERVAL_MS);
    expect(purges).toEqual([]);
    setClock(3_600_000);
    await jest.advanceTimersByTimeAsync(2 * INTERVAL_MS);
    await deadlines.stop();
    expect(purges).toEqual([5_000, 1_000]);
  });

  it('reports a failure and continues', async () => {
    const { deadlines, failures } = createHarness(1, { fails: true });
    await deadlines.start();
    await jest.advanceTimersByTimeAsync(2 * INTERVAL_MS);
    await deadlines.stop();
    expect(failures).toHaveLength(2);
  });
});
