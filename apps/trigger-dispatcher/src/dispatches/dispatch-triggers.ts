import type { ExecutionQueue } from '@tripline/queue';
import type { DecisionStore, DirectTrigger, DueExecution, LedgerEntry } from '@tripline/persistence';
import { failpoint } from '@tripline/runtime';

/** Decides triggers that have no place in the log and enqueues what they started. */
export type DispatchTriggers = (triggers: readonly DirectTrigger[]) => Promise<void>;

export interface EnqueuerOptions {
  readonly queue: ExecutionQueue;
  readonly decisions: Pick<DecisionStore, 'markEnqueued'>;
  readonly onEnqueued: (count: number) => void;
  readonly onEnqueueFailed: (error: unknown, executions: number) => void;
}

/** An execution whose job is to be added. */
export type Enqueueable = Omit<DueExecution, 'pipelineId'>;

/**
 * Adds jobs and marks their executions as enqueued. It never throws: the decision is committed, a job is only a hint, and
 * what is not marked belongs to the sweeper. False when it did not work.
 */
export function createEnqueuer(options: EnqueuerOptions): (executions: readonly Enqueueable[]) => Promise<boolean> {
  return async (executions) => {
    if (executions.length === 0) return true;
    try {
      await options.queue.enqueue(executions);
      await failpoint('D6');
      await options.decisions.markEnqueued(executions);
      options.onEnqueued(executions.length);
      return true;
    } catch (error) {
      options.onEnqueueFailed(error, executions.length);
      return false;
    }
  };
}

export function createTriggerDispatch(options: {
  readonly decisions: Pick<DecisionStore, 'decideTriggers'>;
  readonly enqueue: (executions: readonly Enqueueable[]) => Promise<unknown>;
  readonly onDecided: (decisions: readonly LedgerEntry[]) => void;
}): DispatchTriggers {
  return async (triggers) => {
    const result = await options.decisions.decideTriggers(triggers);
    options.onDecided(result.decisions);
    await options.enqueue(result.created);
  };
}
