import type { SweepLimits, SweepResult, SweepStore } from '@tripline/execution-store';
import { failpoint } from '@tripline/failpoints';
import { type Component, createIntervalLoop } from '@tripline/runtime';

export interface SweeperOptions {
  readonly store: SweepStore;
  /** Adds the new generation's jobs and marks them; false leaves them to a later sweep. */
  readonly enqueue: (executions: SweepResult['requeue']) => Promise<boolean>;
  /** After how long a run without a worker counts as forgotten. */
  readonly limits: SweepLimits;
  readonly intervalMs: number;
  readonly onSwept: (result: SweepResult) => void;
  readonly onFailed: (error: unknown) => void;
}

/** Executions of one sweep; a full one is followed by the next at once, so that an outage's backlog goes quickly. */
const BATCH_SIZE = 500;

/** Brings back, every few seconds, what a crash left without a job or under a dead lease. Any number may run. */
export function createSweeper(options: SweeperOptions): Component {
  /** True when there may be more and the queue takes it. */
  const sweepBatch = async (): Promise<boolean> => {
    const result = await options.store.sweep({ ...options.limits, batchSize: BATCH_SIZE });
    if (result.requeue.length > 0) await failpoint('after-sweep-commit');
    const isEnqueued = result.requeue.length === 0 || (await options.enqueue(result.requeue));
    options.onSwept(result);
    return isEnqueued && result.requeue.length >= BATCH_SIZE;
  };

  const sweepAll = async (isStopping: () => boolean): Promise<void> => {
    while (!isStopping() && (await sweepBatch()));
  };

  return createIntervalLoop({
    name: 'sweeper',
    intervalMs: options.intervalMs,
    run: sweepAll,
    onFailed: options.onFailed,
  });
}
