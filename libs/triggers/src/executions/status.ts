export const EXECUTION_STATUSES = [
  'pending',
  'running',
  'completed',
  'failed',
  'cancelled',
  'timed_out',
  'skipped',
] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

/** Statuses that hold the pipeline's one active slot. */
export const ACTIVE_EXECUTION_STATUSES = ['pending', 'running'] as const satisfies readonly ExecutionStatus[];
