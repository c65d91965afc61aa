import type { DecisionStore } from '@tripline/decision-store';
import type { DueExecution } from '@tripline/execution-store';
import type { ExecutionQueue } from '@tripline/queue';

export interface PromotionsOptions {
  readonly queue: Pick<ExecutionQueue, 'enqueue'>;
  readonly decisions: Pick<DecisionStore, 'markEnqueued'>;
  readonly onFailed: (error: unknown, runs: number) => void;
}

/**
 * Gives jobs to runs whose turn in the queue of their pipeline came when another run ended. Returns at once and never
 * throws: the turn is committed, a job is only a hint, and what is not marked belongs to the sweeper.
 */
export function createPromotions(options: PromotionsOptions): (runs: readonly DueExecution[]) => void {
  const enqueue = async (runs: readonly DueExecution[]): Promise<void> => {
    try {
      await options.queue.enqueue(runs);
      await options.decisions.markEnqueued(runs);
    } catch (error) {
      options.onFailed(error, runs.length);
    }
  };
  return (runs) => void enqueue(runs);
}
