import type { Database } from '@tripline/database';
import { dueExecutionOf } from './claim-runs';
import type { PromotedRow } from './claimed-execution';
import type { DueExecution } from './execution-records';
import {
  END_RUNNING,
  EXPIRE_WAITING,
  FIND_FREE_PLACES,
  LOCK_PIPELINES,
  PROMOTE_WAITING,
  REQUEUE_PENDING,
} from './sweep-sql';

export interface SweepLimits {
  /** Rows per sweep and kind; default 500. */
  readonly batchSize?: number;
  /** Pending and not acknowledged as enqueued for this long; default 10 s. */
  readonly notEnqueuedMs?: number;
  /** Pending and enqueued this long ago, or as long as it had waited before that, up to 16 times this; default 60 s. */
  readonly enqueuedMs?: number;
}

/** Why an execution needs a new job. */
export const REQUEUE_CAUSES = ['not_enqueued', 'stale_job', 'lease_expired', 'promoted'] as const;
export type RequeueCause = (typeof REQUEUE_CAUSES)[number];

export interface SweepResult {
  /** To be enqueued with their new generation. */
  readonly requeue: readonly (DueExecution & { readonly cause: RequeueCause })[];
  readonly failed: readonly DueExecution[];
  readonly timedOut: readonly DueExecution[];
  /** Expired in the queue of their pipeline. */
  readonly expired: readonly DueExecution[];
}

export interface SweepStore {
  /** Recovers executions after crashes; any number of sweepers may run. */
  sweep(limits?: SweepLimits): Promise<SweepResult>;
}

interface SweptRow extends PromotedRow {
  readonly status: string;
  readonly cause: RequeueCause;
}

export function createSweepStore(database: Database): SweepStore {
  return {
    sweep: async ({ batchSize = 500, notEnqueuedMs = 10_000, enqueuedMs = 60_000 } = {}) => {
      // Not retried: the next sweep finds what this one missed.
      const running = await database.query<SweptRow>(END_RUNNING, [batchSize]);
      const pending = await database.query<SweptRow>(REQUEUE_PENDING, [notEnqueuedMs, enqueuedMs, batchSize]);
      const expired = await database.query<SweptRow>(EXPIRE_WAITING, [batchSize]);
      const promoted = await promoteWaiting(database, batchSize);
      const withStatus = (status: string) => running.filter((row) => row.status === status);
      return {
        requeue: [...withStatus('pending'), ...promoted, ...pending].map((row) => ({
          ...dueExecutionOf(row),
          cause: row.cause,
        })),
        failed: withStatus('failed').map(dueExecutionOf),
        timedOut: withStatus('timed_out').map(dueExecutionOf),
        expired: expired.map(dueExecutionOf),
      };
    },
  };
}

/**
 * Cases that the endings missed: an execution queued at the moment its holder ended, or a holder cancelled elsewhere.
 */
async function promoteWaiting(database: Database, batchSize: number): Promise<readonly SweptRow[]> {
  const found = await database.query<{ pipeline_id: string }>(FIND_FREE_PLACES, [batchSize]);
  if (found.length === 0) return [];
  return database.withTransaction(async (transaction) => {
    const pipelineIds = found.map((row) => row.pipeline_id);
    const locked = await transaction.query<{ pipeline_id: string }>(LOCK_PIPELINES, [pipelineIds]);
    return transaction.query<SweptRow>(PROMOTE_WAITING, [locked.map((row) => row.pipeline_id)]);
  });
}
