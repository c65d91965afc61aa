import type { CreatedExecution, DecisionStore } from '@tripline/decision-store';
import { enqueueExecutions, type ExecutionQueue } from '@tripline/queue';
import type { Logger } from '@tripline/telemetry';

export interface EnqueueRunsOptions {
  decisionStore: Pick<DecisionStore, 'acknowledgeEnqueued'>;
  queue: Pick<ExecutionQueue, 'enqueue'>;
  logger: Logger;
}

/** Enqueues the executions that a request started. Logs failures with the request id and never throws. */
export async function enqueueRuns(
  created: readonly CreatedExecution[],
  requestId: string,
  { queue, decisionStore, logger }: EnqueueRunsOptions,
): Promise<void> {
  await enqueueExecutions(created, {
    queue,
    acknowledge: (executions) => decisionStore.acknowledgeEnqueued(executions),
    onFailed: (error) => {
      const ids = { request_id: requestId, execution_id: created[0]?.executionId, pipeline_id: created[0]?.pipelineId };
      logger.warn({ event: 'enqueue_failed', ...ids, err: error }, 'enqueue failed; the sweeper will retry');
    },
  });
}
