import type { LedgerRetention, PurgeResult } from '@tripline/persistence';

export interface LedgerCleanerOptions {
  readonly store: LedgerRetention;
  /** Age from which signals, decisions and dead signals are deleted, ms; 0 keeps them for ever. */
  readonly retentionMs: number;
  readonly intervalMs: number;
  /** Called after a round that deleted something. */
  readonly onPurged: (result: PurgeResult) => void;
  readonly onFailed: (error: unknown) => void;
}

/** Signals of one statement: some milliseconds of work, so that decisions beside it do not wait. */
const BATCH_SIZE = 500;

/** Deletes, every few minutes, what is older than the ledger is kept. Any number of dispatchers may do it. */
export function createLedgerCleaner(options: LedgerCleanerOptions): {
  name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
} {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;

  const clean = async (): Promise<void> => {
    let total: PurgeResult = { signals: 0, decisions: 0, deadSignals: 0, hasMore: true };
    try {
      while (!stopped && total.hasMore) {
        const purged = await options.store.purge({ olderThanMs: options.retentionMs, batchSize: BATCH_SIZE });
        total = {
          signals: total.signals + purged.signals,
          decisions: total.decisions + purged.decisions,
          deadSignals: total.deadSignals + purged.deadSignals,
          hasMore: purged.hasMore,
        };
      }
    } catch (error) {
      options.onFailed(error);
    }
    if (total.signals + total.decisions + total.deadSignals > 0) options.onPurged(total);
  };

  return {
    name: 'ledger-cleaner',
    start() {
      if (options.retentionMs === 0) return Promise.resolve();
      timer = setInterval(() => {
        running ??= clean().finally(() => (running = undefined));
      }, options.intervalMs);
      return Promise.resolve();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
