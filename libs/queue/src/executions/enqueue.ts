import { failpoint } from '@tripline/failpoints';

import type { ExecutionQueue, QueuedExecution } from '../ports';

export interface EnqueueOptions {
  readonly queue: Pick<ExecutionQueue, 'enqueue'>;
  /** Stores that the jobs are in the queue (`enqueued_at`); only the sweeper reads it. */
  readonly acknowledge: (executions: readonly QueuedExecution[]) => Promise<unknown>;
  readonly onEnqueued?: (count: number) => void;
  /** Reports executions that are left to the sweeper. */
  readonly onFailed: (error: unknown, executions: readonly QueuedExecution[]) => void;
}

/** The two steps that give a committed execution its job. Neither throws; false means that it failed and was reported. */
export interface EnqueueSteps {
  /** Adds the jobs to the queue. */
  add(executions: readonly QueuedExecution[]): Promise<boolean>;
  /** Stores that the jobs are in the queue. */
  acknowledge(executions: readonly QueuedExecution[]): Promise<boolean>;
}

/** The separate steps, for a caller that acknowledges later than it adds. */
export function createEnqueueSteps({ queue, acknowledge, onEnqueued, onFailed }: EnqueueOptions): EnqueueSteps {
  const attempt = async (executions: readonly QueuedExecution[], step: () => Promise<unknown>): Promise<boolean> => {
    try {
      await step();
      return true;
    } catch (error) {
      onFailed(error, executions);
      return false;
    }
  };
  return {
    add: (executions) =>
      attempt(executions, async () => {
        await queue.enqueue(executions);
        await failpoint('after-enqueue');
      }),
    acknowledge: (executions) =>
      attempt(executions, async () => {
        await acknowledge(executions);
        onEnqueued?.(executions.length);
      }),
  };
}

/**
 * Adds the jobs of executions that are already committed, then acknowledges them. Never throws, because the sweeper adds the job
 * of every execution that was not acknowledged. Returns false when a step failed.
 */
export async function enqueueExecutions(
  executions: readonly QueuedExecution[],
  options: EnqueueOptions,
): Promise<boolean> {
  if (executions.length === 0) return true;
  const steps = createEnqueueSteps(options);
  return (await steps.add(executions)) && steps.acknowledge(executions);
}
