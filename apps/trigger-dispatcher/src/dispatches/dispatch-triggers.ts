import type { ExecutionJob } from '@tripline/contracts';
import type { ExecutionQueue } from '@tripline/queue';
import type { CreatedExecution, DecisionStore, DirectTrigger, LedgerEntry } from '@tripline/persistence';
import { failpoint } from '@tripline/runtime';

/** Decides triggers that have no place in the log and enqueues what they started. */
export type DispatchTriggers = (triggers: readonly DirectTrigger[]) => Promise<void>;

export interface EnqueuerOptions {
  readonly queue: ExecutionQueue;
  readonly decisions: Pick<DecisionStore, 'markEnqueued'>;
  readonly onEnqueued: (count: number) => void;
  readonly onEnqueueFailed: (error: unknown, executions: number) => void;
}

type Enqueueable = Pick<CreatedExecution, 'executionId' | 'generation' | 'traceparent'>;

/**
 * Adds jobs and marks their executions as enqueued. It never throws: the decision is committed, a job is only a hint, and
 * what is not marked belongs to the sweeper. False when it did not work.
 */
export function createEnqueuer(options: EnqueuerOptions): (executions: readonly Enqueueable[]) => Promise<boolean> {
  return async (executions) => {
    if (executions.length === 0) return true;
    try {
      await options.queue.enqueue(executions.map(toJob));
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

function toJob({ executionId, generation, traceparent }: Enqueueable): ExecutionJob {
  return traceparent === null ? { executionId, generation } : { executionId, generation, traceparent };
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
