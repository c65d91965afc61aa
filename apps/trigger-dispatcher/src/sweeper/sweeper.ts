import type { SweepLimits, SweepResult, SweepStore } from '@tripline/execution-store';
import { failpoint } from '@tripline/failpoints';
import { type Component, createIntervalLoop } from '@tripline/runtime';

export interface SweeperOptions {
  readonly store: SweepStore;
  /** Adds the jobs of the new generation and acknowledges them; returns false to leave them to a later sweep. */
  readonly enqueue: (executions: SweepResult['requeue']) => Promise<boolean>;
  /** Age at which an execution without a worker counts as lost. */
  readonly limits: SweepLimits;
  readonly intervalMs: number;
  readonly onSwept: (result: SweepResult) => void;
  readonly onFailed: (error: unknown) => void;
}

/** Executions per sweep. A full sweep is followed by the next at once, so the backlog of an outage clears quickly. */
const BATCH_SIZE = 500;

/** Periodically requeues executions that a crash left without a job or with an expired lease. Any number may run. */
export function createSweeper(options: SweeperOptions): Component {
  /** Returns true when there may be more and the queue accepts jobs. */
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
