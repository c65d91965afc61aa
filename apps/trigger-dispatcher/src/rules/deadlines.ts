import type { CreatedExecution, DecisionLogEntry, RuleStore } from '@tripline/decision-store';
import { type Component, createIntervalLoop } from '@tripline/runtime';

export interface DeadlinesOptions {
  readonly store: RuleStore;
  /** Never throws: see `enqueueExecutions`. */
  readonly enqueue: (executions: readonly CreatedExecution[]) => Promise<unknown>;
  readonly onDecided: (decisions: readonly DecisionLogEntry[]) => void;
  readonly intervalMs: number;
  readonly monotonicMs: () => number;
  readonly onFailed: (error: unknown) => void;
}

/** States per transaction; after a full batch the next one follows at once. */
const BATCH_SIZE = 200;
const PURGE_INTERVAL_MS = 3_600_000;
const PURGE_SIZE = 5_000;

/**
 * Fires rules whose deadline has passed by Postgres' clock: the first event happened and the expected one did not follow. Any
 * number of dispatchers may run it; a deadline fires once.
 */
export function createDeadlines(options: DeadlinesOptions): Component {
  const { store, enqueue, onDecided, monotonicMs } = options;
  let purgedAt = monotonicMs();

  /** Returns true when there may be more. */
  const fireBatch = async (): Promise<boolean> => {
    const { due, decisions, created } = await store.fireDue(BATCH_SIZE);
    if (decisions.length > 0) onDecided(decisions);
    await enqueue(created);
    return due >= BATCH_SIZE;
  };

  const runOnce = async (isStopping: () => boolean): Promise<void> => {
    while (!isStopping() && (await fireBatch()));
    if (monotonicMs() - purgedAt < PURGE_INTERVAL_MS) return;
    purgedAt = monotonicMs();
    while (!isStopping() && (await store.purge(PURGE_SIZE)) >= PURGE_SIZE);
  };

  return createIntervalLoop({
    name: 'rule-deadlines',
    intervalMs: options.intervalMs,
    run: runOnce,
    onFailed: options.onFailed,
  });
}
