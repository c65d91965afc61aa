import type { Database } from '../database/database';
import type { Statement } from '../database/queryable';

export interface SweepLimits {
  /** Rows per sweep and kind; default 500. */
  readonly batchSize?: number;
  /** Pending and not marked as enqueued for so long; default 10 s. */
  readonly notEnqueuedMs?: number;
  /** Pending and enqueued so long ago, or as long as it had waited before that, up to 16 times this; default 60 s. */
  readonly enqueuedMs?: number;
}

export interface SweptExecution {
  readonly executionId: string;
  readonly pipelineId: string;
  readonly generation: number;
  readonly traceparent: string | null;
}

/** Why an execution needs a new job. */
export const REQUEUE_CAUSES = ['not_enqueued', 'stale_job', 'lease_expired'] as const;
export type RequeueCause = (typeof REQUEUE_CAUSES)[number];

export interface SweepResult {
  /** To be added to the queue with their new generation. */
  readonly requeue: readonly (SweptExecution & { readonly cause: RequeueCause })[];
  readonly failed: readonly SweptExecution[];
  readonly timedOut: readonly SweptExecution[];
}

export interface SweepStore {
  /** Brings back what a crash left behind; any number of sweepers may run. */
  sweep(limits?: SweepLimits): Promise<SweepResult>;
}

/**
 * $1 not-enqueued ms, $2 enqueued ms, $3 rows. A long queue is not a lost job: a run is given as long again as it has
 * waited already, else a backlog longer than $2 would make every job stale before its turn, for ever. Not the generation
 * is the measure: that grows every few seconds while Redis is away, and a job lost just then would be missed for long.
 */
const REQUEUE_PENDING: Statement = {
  name: 'sweep-pending',
  text: `-- update
WITH due AS (
  SELECT id, CASE WHEN enqueued_at IS NULL THEN 'not_enqueued' ELSE 'stale_job' END AS cause FROM executions
  WHERE status = 'pending' AND requested_at < clock_timestamp() - $1::float8 * interval '1 millisecond'
    AND (enqueued_at IS NULL OR enqueued_at < clock_timestamp() - greatest($2::float8 * interval '1 millisecond',
      least(16 * $2::float8 * interval '1 millisecond', enqueued_at - created_at)))
  ORDER BY requested_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE executions e SET dispatch_gen = e.dispatch_gen + 1, requested_at = clock_timestamp(), enqueued_at = NULL
FROM due WHERE e.id = due.id
RETURNING e.id, e.pipeline_id, e.dispatch_gen, e.traceparent, e.status, due.cause`,
};

/** $1 rows. Lease over: back to pending while attempts are left; deadline over: ended, whoever still works on it. */
const END_RUNNING: Statement = {
  name: 'sweep-running',
  text: `-- update
WITH due AS (
  SELECT id, deadline_at < clock_timestamp() AS late FROM executions
  WHERE status = 'running' AND (lease_until < clock_timestamp() OR deadline_at < clock_timestamp())
  ORDER BY lease_until LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
), swept AS (
  UPDATE executions e SET
    status = CASE WHEN due.late THEN 'timed_out' WHEN e.attempt >= e.max_attempts THEN 'failed' ELSE 'pending' END,
    finished_at = CASE WHEN due.late OR e.attempt >= e.max_attempts THEN clock_timestamp() END,
    error = CASE WHEN due.late THEN 'the deadline passed' WHEN e.attempt >= e.max_attempts
      THEN 'the worker stopped in each of ' || e.attempt || ' attempts' ELSE e.error END,
    dispatch_gen = e.dispatch_gen + 1, requested_at = clock_timestamp(), enqueued_at = NULL, lease_until = NULL
  FROM due WHERE e.id = due.id
  RETURNING e.id, e.pipeline_id, e.dispatch_gen, e.traceparent, e.status
), abandoned AS (
  UPDATE order_intents SET state = 'abandoned', updated_at = now()
  WHERE execution_id IN (SELECT id FROM swept WHERE status <> 'pending') AND state = 'intent'
)
SELECT swept.*, 'lease_expired' AS cause FROM swept`,
};

interface SweptRow {
  readonly id: string;
  readonly pipeline_id: string;
  readonly dispatch_gen: number;
  readonly traceparent: string | null;
  readonly status: string;
  readonly cause: RequeueCause;
}

export function createSweepStore(database: Database): SweepStore {
  return {
    sweep: async ({ batchSize = 500, notEnqueuedMs = 10_000, enqueuedMs = 60_000 } = {}) => {
      // Not retried: what a lost answer hides is found by the next sweep.
      const expired = await database.query<SweptRow>(END_RUNNING, [batchSize]);
      const pending = await database.query<SweptRow>(REQUEUE_PENDING, [notEnqueuedMs, enqueuedMs, batchSize]);
      const withStatus = (status: string) => expired.filter((row) => row.status === status);
      return {
        requeue: [...withStatus('pending'), ...pending].map((row) => ({ ...sweptOf(row), cause: row.cause })),
        failed: withStatus('failed').map(sweptOf),
        timedOut: withStatus('timed_out').map(sweptOf),
      };
    },
  };
}

function sweptOf(row: SweptRow): SweptExecution {
  return {
    executionId: row.id,
    pipelineId: row.pipeline_id,
    generation: row.dispatch_gen,
    traceparent: row.traceparent,
  };
}
