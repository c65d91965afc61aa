import type { CreatedExecution, DecisionStore } from '@tripline/decision-store';
import type { ExecutionQueue } from '@tripline/queue';
import type { Logger } from '@tripline/telemetry';

export interface EnqueueRunsOptions {
  decisionStore: Pick<DecisionStore, 'markEnqueued'>;
  queue: Pick<ExecutionQueue, 'enqueue'>;
  logger: Logger;
}

/** The runs exist already: when their jobs cannot be added now, the sweeper adds them within seconds. */
export async function enqueueRuns(
  created: readonly CreatedExecution[],
  requestId: string,
  { queue, decisionStore, logger }: EnqueueRunsOptions,
): Promise<void> {
  if (created.length === 0) {
    return;
  }
  try {
    await queue.enqueue(created);
    await decisionStore.markEnqueued(created);
  } catch (error) {
    const ids = { request_id: requestId, execution_id: created[0]?.executionId, pipeline_id: created[0]?.pipelineId };
    logger.warn({ event: 'enqueue_failed', ...ids, err: error }, 'enqueue failed, the sweeper takes over');
  }
}
