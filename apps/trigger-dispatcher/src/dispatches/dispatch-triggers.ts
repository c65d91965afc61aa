import type { CreatedExecution, DecisionStore, DirectTrigger, DecisionLogEntry } from '@tripline/decision-store';

/** Decides triggers that do not come from the topic, and enqueues the executions they start. */
export type DispatchTriggers = (triggers: readonly DirectTrigger[]) => Promise<void>;

export function createTriggerDispatch(options: {
  readonly decisions: Pick<DecisionStore, 'decideTriggers'>;
  /** Never throws: see `enqueueExecutions`. */
  readonly enqueue: (executions: readonly CreatedExecution[]) => Promise<unknown>;
  readonly onDecided: (decisions: readonly DecisionLogEntry[]) => void;
}): DispatchTriggers {
  return async (triggers) => {
    const result = await options.decisions.decideTriggers(triggers);
    options.onDecided(result.decisions);
    await options.enqueue(result.created);
  };
}
