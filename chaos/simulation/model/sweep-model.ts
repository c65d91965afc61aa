import type { RequeueCause, SweepLimits, SweptExecution } from '@tripline/persistence';

import { endRun, type RunRow, type Tables } from './tables';

type Requeued = SweptExecution & { readonly cause: RequeueCause };

const sweptOf = (run: RunRow): SweptExecution => ({
  executionId: run.id,
  pipelineId: run.entry.pipelineId,
  generation: run.dispatchGen,
  traceparent: null,
});

function toPending(run: RunRow, now: number): void {
  run.dispatchGen += 1;
  run.requestedAt = now;
  run.enqueuedAt = null;
  run.leaseUntil = null;
}

/** The first statement of a sweep: runs whose lease or deadline is over. */
export function endRunning(
  tables: Tables,
  now: number,
  { batchSize = 500 }: SweepLimits,
): { requeue: Requeued[]; failed: SweptExecution[]; timedOut: SweptExecution[] } {
  const due = [...tables.executions.values()]
    .filter((run) => run.status === 'running' && ((run.leaseUntil ?? 0) < now || (run.deadlineAt ?? Infinity) < now))
    .sort((a, b) => (a.leaseUntil ?? 0) - (b.leaseUntil ?? 0))
    .slice(0, batchSize);
  const result = { requeue: [] as Requeued[], failed: [] as SweptExecution[], timedOut: [] as SweptExecution[] };
  for (const run of due) {
    const isLate = (run.deadlineAt ?? Infinity) < now;
    toPending(run, now);
    if (isLate) {
      endRun(tables, run, now, { status: 'timed_out' });
      result.timedOut.push(sweptOf(run));
    } else if (run.attempt >= run.maxAttempts) {
      endRun(tables, run, now, { status: 'failed' });
      result.failed.push(sweptOf(run));
    } else {
      run.status = 'pending';
      result.requeue.push({ ...sweptOf(run), cause: 'lease_expired' });
    }
  }
  return result;
}

/** The second: runs that were never enqueued, or whose job is lost. */
export function requeuePending(
  tables: Tables,
  now: number,
  { batchSize = 500, notEnqueuedMs = 10_000, enqueuedMs = 60_000 }: SweepLimits,
): Requeued[] {
  const isStale = ({ enqueuedAt, createdAt }: RunRow): boolean =>
    enqueuedAt !== null && enqueuedAt < now - Math.max(enqueuedMs, Math.min(16 * enqueuedMs, enqueuedAt - createdAt));
  const due = [...tables.executions.values()]
    .filter((run) => run.status === 'pending' && run.slot !== null && run.requestedAt < now - notEnqueuedMs)
    .filter((run) => run.enqueuedAt === null || isStale(run))
    .sort((a, b) => a.requestedAt - b.requestedAt)
    .slice(0, batchSize);
  return due.map((run) => {
    const cause = run.enqueuedAt === null ? 'not_enqueued' : 'stale_job';
    toPending(run, now);
    return { ...sweptOf(run), cause };
  });
}
