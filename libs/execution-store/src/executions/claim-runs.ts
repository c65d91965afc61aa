import { classifyError, createBatcher, type Database, isUnavailable } from '@tripline/database';
import { CLAIM } from './claim-sql';
import { type ClaimRow, claimedExecutionOf, refusedStartOf, type PromotedRow } from './claimed-execution';
import type { ClaimedExecution, DueExecution, DeniedStart } from './execution-records';
import type { ClaimOptions } from './execution-writes';

/** The result of a claim; null: nothing to do (finished, claimed by another worker, an older generation). */
export type ClaimResult = ClaimedExecution | DeniedStart | null;

export interface ClaimRequest extends ClaimOptions {
  readonly executionId: string;
  readonly generation: number;
}

const DEFAULT_DEADLINE_MS = 600_000;
const MAX_CLAIMS = 100;
/** One statement writes while the commit of the other is being flushed to disk. */
const MAX_RUNNING = 2;
/** Jobs of one decision reach the worker one after the other, so a short wait joins them. */
const INTERVAL_MS = 4;

/** Claims executions; concurrent claims of the process share a statement. */
export function createClaims(
  database: Database,
  onPromoted: (runs: readonly DueExecution[]) => void,
): (request: ClaimRequest) => Promise<ClaimResult> {
  return createBatcher<ClaimRequest, ClaimResult>({
    maxItems: MAX_CLAIMS,
    maxRunning: MAX_RUNNING,
    intervalMs: INTERVAL_MS,
    maySplit: (error) => !classifyError(error).retryable && !isUnavailable(error),
    run: async (requests) => {
      // Every statement that locks several executions locks them in the same order.
      const sorted = [...requests].sort((a, b) => (a.executionId < b.executionId ? -1 : 1));
      // A claim whose answer is lost claims nothing the second time: its lease expires and the sweeper requeues the
      // execution.
      const rows = await database.retry(async () => database.query<ClaimRow>(CLAIM, claimValues(sorted)));
      const [first] = rows;
      if (first?.promoted) onPromoted(first.promoted.map(dueExecutionOf));
      // Of several claims of one execution the statement contains one.
      const claimed = new Map(rows.map((row) => [sorted[row.ord - 1], row]));
      return requests.map((request) => {
        const row = claimed.get(request);
        return { value: row === undefined ? null : resultOf(row) };
      });
    },
  });
}

function claimValues(requests: readonly ClaimRequest[]): readonly unknown[] {
  return [
    requests.map((request) => request.executionId),
    requests.map((request) => request.generation),
    requests.map((request) => request.owner),
    requests.map((request) => request.leaseMs),
    requests.map((request) => request.deadlineMs ?? DEFAULT_DEADLINE_MS),
  ];
}

function resultOf(row: ClaimRow): ClaimResult {
  const { denial } = row;
  return denial === null ? claimedExecutionOf(row) : refusedStartOf({ ...row, denial });
}

export function dueExecutionOf(row: PromotedRow): DueExecution {
  return {
    executionId: row.id,
    pipelineId: row.pipeline_id,
    userId: row.user_id,
    generation: row.dispatch_gen,
    traceparent: row.traceparent,
  };
}
