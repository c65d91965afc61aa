import { createBatcher, type BatcherOptions } from './batcher';

/** A batcher over numbers that records its batches. Each batch waits until `release` is called. */
function harness(overrides: Partial<BatcherOptions<number, string>> = {}) {
  const batches: number[][] = [];
  const gates: (() => void)[] = [];
  const add = createBatcher<number, string>({
    maxItems: 100,
    maxRunning: 1,
    maySplit: () => true,
    run: async (items) => {
      batches.push([...items]);
      await new Promise<void>((resolve) => gates.push(resolve));
      return items.map((item) => ({ value: `done ${item}` }));
    },
    ...overrides,
  });
  const turn = async () => new Promise<void>((resolve) => setImmediate(resolve));
  return { add, batches, turn, release: () => gates.shift()?.() };
}

describe('createBatcher', () => {
  it('sends items of one event-loop turn together, and a single item at once', async () => {
    const { add, batches, turn, release } = harness();
    const all = [1, 2, 3].map(add);
    await turn();
    expect(batches).toEqual([[1, 2, 3]]);
    release();
    expect(await Promise.all(all)).toEqual(['done 1', 'done 2', 'done 3']);
    const lone = add(4);
    await turn();
    expect(batches.at(-1)).toEqual([4]);
    release();
    expect(await lone).toBe('done 4');
  });

  it('collects items while a statement is in flight, up to the limit', async () => {
    const { add, batches, turn, release } = harness({ maxItems: 2 });
    const all = [1, 2, 3, 4, 5].map(add);
    await turn();
    expect(batches).toEqual([[1, 2]]);
    release();
    await all[1];
    await turn();
    await turn();
    expect(batches).toEqual([
      [1, 2],
      [3, 4],
    ]);
    release();
    await all[3];
    await turn();
    await turn();
    release();
    await Promise.all(all);
    expect(batches.at(-1)).toEqual([5]);
  });

  it('spaces out statements, except a single item and a full batch', async () => {
    const { add, batches } = harness({
      maxItems: 3,
      maxRunning: 9,
      intervalMs: 20,
      run: (items) => {
        batches.push([...items]);
        return Promise.resolve(items.map((item) => ({ value: `done ${item}` })));
      },
    });
    await add(1);
    const startedAt = performance.now();
    const few = [2, 3].map(add);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(batches).toEqual([[1]]);
    await Promise.all(few);
    expect(performance.now() - startedAt).toBeGreaterThan(10);
    await Promise.all([4, 5, 6].map(add));
    expect(batches).toEqual([[1], [2, 3], [4, 5, 6]]);
    await new Promise((resolve) => setTimeout(resolve, 25));
    await add(7);
    expect(batches.at(-1)).toEqual([7]);
  });

  it('never puts two items of one key into one batch', async () => {
    const { add, batches, turn, release } = harness({ maxRunning: 2, keyOf: (item) => (item > 10 ? 'same' : null) });
    const all = [1, 11, 12, 2].map(add);
    await turn();
    await turn();
    expect(batches).toEqual([[1, 11, 2]]);
    release();
    await all[0];
    await turn();
    await turn();
    expect(batches.at(-1)).toEqual([12]);
    release();
    await Promise.all(all);
  });

  it('fails only the bad item', async () => {
    const { add } = harness({
      run: async (items) => {
        if (items.includes(3)) throw new Error('bad row');
        return Promise.resolve(items.map((item) => ({ value: `done ${item}` })));
      },
    });
    const results = await Promise.allSettled([1, 2, 3, 4, 5].map(add));
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
  });

  it('rejects all items when no single item is to blame', async () => {
    let runs = 0;
    const { add } = harness({
      maySplit: () => false,
      run: async () => Promise.reject(new Error(`outage ${(runs += 1)}`)),
    });
    const results = await Promise.allSettled([1, 2, 3].map(add));
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(runs).toBe(1);
  });
});
