import type { ExecutionQueue } from '@tripline/queue';
import type { DecisionStore, DirectTrigger, LedgerEntry } from '@tripline/decision-store';
import type { DueExecution } from '@tripline/execution-store';
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

/** The two steps of enqueuing; both never throw, and say whether they worked. */
export interface EnqueueSteps {
  /** Adds the jobs to the queue. */
  add(executions: readonly Enqueueable[]): Promise<boolean>;
  /** Notes in Postgres that their jobs are in the queue. */
  mark(executions: readonly Enqueueable[]): Promise<boolean>;
}

/** The decision is committed, a job is only a hint, and what is not marked belongs to the sweeper. */
export function createEnqueueSteps(options: EnqueuerOptions): EnqueueSteps {
  const attempt = async (executions: readonly Enqueueable[], work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      options.onEnqueueFailed(error, executions.length);
      return false;
    }
  };
  return {
    add: (executions) =>
      attempt(executions, async () => {
        await options.queue.enqueue(executions);
        await failpoint('after-enqueue');
      }),
    mark: (executions) =>
      attempt(executions, async () => {
        await options.decisions.markEnqueued(executions);
        options.onEnqueued(executions.length);
      }),
  };
}

/** Adds jobs and marks their executions as enqueued, one after the other. False when it did not work. */
export function createEnqueuer(options: EnqueuerOptions): (executions: readonly Enqueueable[]) => Promise<boolean> {
  const steps = createEnqueueSteps(options);
  return async (executions) => {
    if (executions.length === 0) return true;
    return (await steps.add(executions)) && steps.mark(executions);
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
