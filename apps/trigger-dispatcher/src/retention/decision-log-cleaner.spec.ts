import type { PurgeResult } from '@tripline/decision-store';

import { createDecisionLogCleaner } from './decision-log-cleaner';

const DAY_MS = 86_400_000;
const INTERVAL_MS = 60_000;

function createHarness(batches: readonly number[], retentionMs = DAY_MS) {
  const left = [...batches];
  const asked: number[] = [];
  const purged: PurgeResult[] = [];
  const failures: unknown[] = [];
  const cleaner = createDecisionLogCleaner({
    store: {
      purge: async ({ olderThanMs, batchSize }) => {
        asked.push(olderThanMs);
        const signals = left.shift() ?? 0;
        if (signals < 0) return Promise.reject(new Error('away'));
        return Promise.resolve({ signals, decisions: 2 * signals, deadSignals: 0, hasMore: signals >= batchSize });
      },
    },
    retentionMs,
    intervalMs: INTERVAL_MS,
    onPurged: (result) => purged.push(result),
    onFailed: (error) => failures.push(error),
  });
  return { cleaner, asked, purged, failures };
}

describe('createLedgerCleaner', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('continues while batches are full and reports the round once', async () => {
    const { cleaner, asked, purged } = createHarness([500, 500, 3]);
    await cleaner.start();
    await jest.advanceTimersByTimeAsync(2 * INTERVAL_MS);
    await cleaner.stop();
    expect(asked).toEqual([DAY_MS, DAY_MS, DAY_MS, DAY_MS]);
    expect(purged).toEqual([{ signals: 1003, decisions: 2006, deadSignals: 0, hasMore: false }]);
  });

  it('keeps everything when the retention is 0', async () => {
    const { cleaner, asked } = createHarness([500], 0);
    await cleaner.start();
    await jest.advanceTimersByTimeAsync(2 * INTERVAL_MS);
    await cleaner.stop();
    expect(asked).toEqual([]);
  });

  it('retries at the next interval after a failure', async () => {
    const { cleaner, purged, failures } = createHarness([-1, 1]);
    await cleaner.start();
    await jest.advanceTimersByTimeAsync(2 * INTERVAL_MS);
    await cleaner.stop();
    expect([failures.length, purged.length]).toEqual([1, 1]);
  });
});
