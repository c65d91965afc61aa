import type { Watermark } from './watermark';
import { createWatermarkKeeper } from './watermark-keeper';

function createHarness() {
  let nowMs = 1_000;
  const saved: number[] = [];
  const store = {
    load: () => Promise.reject(new Error('not expected in this test')),
    save: ({ stepsDone }: Watermark) => Promise.resolve(void saved.push(stepsDone)),
  };
  const keeper = createWatermarkKeeper(store, () => nowMs);
  const reach = (stepsDone: number) => keeper.reach({ feed: 'f', stepsDone, lastEventTime: null });
  return { keeper, reach, saved, pass: (ms: number) => (nowMs += ms) };
}

describe('createWatermarkKeeper', () => {
  it('saves the first watermark at once, then the newest at most every 200 ms', async () => {
    const { reach, saved, pass } = createHarness();
    for (let step = 1; step <= 9; step += 1) {
      await reach(step);
      pass(50);
    }
    expect(saved).toEqual([1, 5, 9]);
  });

  it('saves the latest watermark once before a pause and at the end', async () => {
    const { keeper, reach, saved } = createHarness();
    await reach(1);
    await reach(2);
    expect([keeper.isPause(10), keeper.isPause(1_000)]).toEqual([false, true]);
    await keeper.settle();
    await keeper.settle();
    expect(saved).toEqual([1, 2]);
  });
});
