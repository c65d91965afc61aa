import type { Signal } from '@tripline/triggers';
import { buildSignal } from '@tripline/testing';

import type { FeedStep, SignalFeed } from '../feeds/feed';
import type { Watermark, WatermarkStore } from '../watermark/watermark';
import { publishFeed } from './publish-feed';

const START = Date.UTC(2020, 0, 1);

/** Ten steps a millisecond apart, with a signal on every second step. */
function createFeed(dueEveryMs = 0): SignalFeed {
  return {
    key: 'test-feed',
    *steps(): Generator<FeedStep> {
      for (let n = 0; n < 10; n += 1) {
        const signals = n % 2 === 0 ? [buildSignal({ signalType: `type_${n}` })] : [];
        yield { signals, eventTime: START + n, dueAfterMs: n * dueEveryMs };
      }
    },
  };
}

function createMemoryWatermarks(initial?: Partial<Watermark>): WatermarkStore & { saved: Watermark[] } {
  const saved: Watermark[] = [];
  return {
    saved,
    load: (feed) => Promise.resolve({ feed, stepsDone: 0, lastEventTime: null, ...initial }),
    save: (watermark) => {
      saved.push(watermark);
      return Promise.resolve();
    },
  };
}

function createHarness(overrides: { watermarks?: WatermarkStore; dueEveryMs?: number; failures?: number } = {}) {
  let nowMs = 0;
  let failuresLeft = overrides.failures ?? 0;
  const published: string[] = [];
  const publishedAt: number[] = [];
  const retries: number[] = [];
  const options = {
    feed: createFeed(overrides.dueEveryMs),
    watermarks: overrides.watermarks ?? createMemoryWatermarks(),
    publish: (signals: readonly Signal[]) => {
      if (failuresLeft > 0) {
        failuresLeft -= 1;
        return Promise.reject(new Error('broker unavailable'));
      }
      published.push(...signals.map(({ signalType }) => signalType));
      publishedAt.push(nowMs);
      return Promise.resolve();
    },
    maxBatch: 2,
    monotonicMs: () => nowMs,
    wait: (ms: number) => {
      nowMs += ms;
      return Promise.resolve();
    },
    onProgress: () => undefined,
    onRetry: (_error: unknown, attempt: number) => void retries.push(attempt),
  };
  return { options, published, publishedAt, retries, elapsedMs: () => nowMs };
}

const ALL = ['type_0', 'type_2', 'type_4', 'type_6', 'type_8'];

describe('publishFeed', () => {
  it('publishes every signal once and in order, and saves the watermark at the end', async () => {
    const watermarks = createMemoryWatermarks();
    const harness = createHarness({ watermarks });
    const result = await publishFeed(harness.options, new AbortController().signal);
    expect(result).toEqual({ finished: true, published: 5 });
    expect(harness.published).toEqual(ALL);
    expect(watermarks.saved.at(-1)).toEqual({ feed: 'test-feed', stepsDone: 10, lastEventTime: START + 9 });
  });

  it('resumes after the watermark and publishes only the remaining signals', async () => {
    const harness = createHarness({ watermarks: createMemoryWatermarks({ stepsDone: 5 }) });
    await publishFeed(harness.options, new AbortController().signal);
    expect(harness.published).toEqual(['type_6', 'type_8']);
  });

  it('can be stopped while it skips to a distant watermark', async () => {
    const harness = createHarness();
    const stop = new AbortController();
    let passed = 0;
    const feed: SignalFeed = {
      key: 'endless',
      *steps(): Generator<FeedStep> {
        for (;;) {
          passed += 1;
          yield { signals: [], eventTime: passed, dueAfterMs: 0 };
        }
      },
    };
    const watermarks = createMemoryWatermarks({ stepsDone: Number.MAX_SAFE_INTEGER });
    setImmediate(() => stop.abort());
    const result = await publishFeed({ ...harness.options, feed, watermarks }, stop.signal);
    expect(result).toEqual({ finished: false, published: 0 });
    expect(watermarks.saved).toEqual([]);
  });

  it('sends the same batch until the broker acknowledges it, and only then advances the watermark', async () => {
    const watermarks = createMemoryWatermarks();
    const harness = createHarness({ watermarks, failures: 3 });
    await publishFeed(harness.options, new AbortController().signal);
    expect(harness.retries).toEqual([1, 2, 3]);
    expect(harness.published).toEqual(ALL);
    expect(watermarks.saved[0]?.stepsDone).toBe(3);
  });

  it('saves the watermark of a batch that the broker acknowledges during a stop', async () => {
    const watermarks = createMemoryWatermarks();
    const harness = createHarness({ watermarks });
    const stop = new AbortController();
    const publish = async (signals: readonly Signal[]) => {
      stop.abort();
      await harness.options.publish(signals);
    };
    await publishFeed({ ...harness.options, publish }, stop.signal);
    expect(harness.published).toEqual(['type_0', 'type_2']);
    expect(watermarks.saved).toEqual([{ feed: 'test-feed', stepsDone: 3, lastEventTime: START + 2 }]);
  });

  it('does not advance the watermark over unacknowledged signals when it is stopped', async () => {
    const watermarks = createMemoryWatermarks();
    const harness = createHarness({ watermarks, failures: 1_000 });
    const stop = new AbortController();
    const options = { ...harness.options, onRetry: () => stop.abort() };
    await expect(publishFeed(options, stop.signal)).resolves.toEqual({ finished: false, published: 0 });
    expect(watermarks.saved).toEqual([]);
  });

  it('waits until a step is due, counting from the step it resumed at', async () => {
    const paced = createHarness({ dueEveryMs: 100 });
    await publishFeed(paced.options, new AbortController().signal);
    expect(paced.elapsedMs()).toBe(900);
    expect(paced.publishedAt).toEqual([0, 200, 400, 600, 800]);

    const resumed = createHarness({ dueEveryMs: 100, watermarks: createMemoryWatermarks({ stepsDone: 8 }) });
    await publishFeed(resumed.options, new AbortController().signal);
    expect(resumed.elapsedMs()).toBe(100);
  });
});
