import type { DecisionLogRetention, PurgeResult } from '@tripline/decision-store';
import { type Component, createIntervalLoop } from '@tripline/runtime';

export interface DecisionLogCleanerOptions {
  readonly store: DecisionLogRetention;
  /** Age from which signals, decisions and dead signals are deleted, ms; 0 keeps them forever. */
  readonly retentionMs: number;
  readonly intervalMs: number;
  /** Called after a round that deleted something. */
  readonly onPurged: (result: PurgeResult) => void;
  readonly onFailed: (error: unknown) => void;
}

/** Signals per statement: small enough that concurrent decisions do not wait. */
const BATCH_SIZE = 500;

/** Periodically deletes decision log entries older than the retention. Any number of dispatchers may run it. */
export function createDecisionLogCleaner(options: DecisionLogCleanerOptions): Component {
  const clean = async (isStopping: () => boolean): Promise<void> => {
    if (options.retentionMs === 0) return;
    let total: PurgeResult = { signals: 0, decisions: 0, deadSignals: 0, hasMore: true };
    try {
      while (!isStopping() && total.hasMore) {
        const purged = await options.store.purge({ olderThanMs: options.retentionMs, batchSize: BATCH_SIZE });
        total = {
          signals: total.signals + purged.signals,
          decisions: total.decisions + purged.decisions,
          deadSignals: total.deadSignals + purged.deadSignals,
          hasMore: purged.hasMore,
        };
      }
    } finally {
      // Also after a round that failed halfway, because the earlier batches are deleted.
      if (total.signals + total.decisions + total.deadSignals > 0) options.onPurged(total);
    }
  };

  return createIntervalLoop({
    name: 'ledger-cleaner',
    intervalMs: options.intervalMs,
    run: clean,
    onFailed: options.onFailed,
  });
}
