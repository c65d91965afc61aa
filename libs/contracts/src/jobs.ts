import { z } from 'zod';

/** Catalogue of queues and jobs: the only place where a queue is named. */
export const PIPELINE_EXECUTIONS_QUEUE = 'pipeline-executions';

/** Data of one job: ids only, never keys, prompts or personal data. */
export const executionJobSchema = z.object({
  executionId: z.uuid(),
  /** Dispatch generation; a claim with an older one changes nothing. */
  generation: z.int().min(1),
  /** W3C trace context of the decision, continued by the execution. Optional. A malformed one is dropped: tracing must not fail an execution. */
  traceparent: z
    .string()
    .regex(/^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/)
    .optional()
    .catch(undefined),
});
export type ExecutionJob = z.infer<typeof executionJobSchema>;

/** BullMQ job id of one dispatch of an execution. Adding the same generation again is deliberately a duplicate. */
export function executionJobId(job: Pick<ExecutionJob, 'executionId' | 'generation'>): string {
  return `x_${job.executionId}_${job.generation}`;
}
