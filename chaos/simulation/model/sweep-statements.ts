import { dueRow } from './claim-statement';
import {
  pipelineKey,
  placeKey,
  type Rows,
  runKey,
  type StatementContext,
  textsOf,
  UniqueViolationError,
} from './statements';
import {
  abandonIntents,
  endRun,
  isActive,
  promote,
  promoteNext,
  requestJob,
  type RunRow,
  type Tables,
  waitingRuns,
} from './tables';

const sweptRow = (run: RunRow, cause: string): Record<string, unknown> => ({
  ...dueRow(run),
  status: run.status,
  cause,
});

function again({ now, hasGenerations }: StatementContext, run: RunRow): void {
  const before = run.dispatchGen;
  requestJob(run, now);
  if (!hasGenerations) run.dispatchGen = before;
}

/** `sweep-running`: executions whose lease or deadline has expired. */
export function sweepRunning(context: StatementContext, [batchSize]: readonly unknown[]): Rows {
  const { tables, now } = context;
  const due = [...tables.executions.values()]
    .filter((run) => run.status === 'running' && ((run.leaseUntil ?? 0) < now || (run.deadlineAt ?? Infinity) < now))
    .filter((run) => !context.isTaken(runKey(run.id)))
    .sort((a, b) => (a.leaseUntil ?? 0) - (b.leaseUntil ?? 0))
    .slice(0, batchSize as number);
  const promoted: RunRow[] = [];
  for (const run of due) {
    const isLate = (run.deadlineAt ?? Infinity) < now;
    const isUsedUp = run.attempt >= run.maxAttempts;
    again(context, run);
    run.status = 'pending';
    if (!isLate && !isUsedUp) continue;
    endRun(tables, run, now, { status: isLate ? 'timed_out' : 'failed', stopReason: null, byToken: null });
    abandonIntents(tables, run.id);
    promoted.push(...promoteNext(context, run));
  }
  return [
    ...due.map((run) => sweptRow(run, 'lease_expired')),
    ...promoted.map((run) => ({ ...dueRow(run), status: 'pending', cause: 'promoted' })),
  ];
}

/** `sweep-pending`: executions that were never enqueued, or whose job is lost. */
export function sweepPending(context: StatementContext, values: readonly unknown[]): Rows {
  const { tables, now, isTaken } = context;
  const [notEnqueuedMs, enqueuedMs, batchSize] = values as readonly [number, number, number];
  const isStale = ({ enqueuedAt, createdAt }: RunRow): boolean =>
    enqueuedAt !== null && enqueuedAt < now - Math.max(enqueuedMs, Math.min(16 * enqueuedMs, enqueuedAt - createdAt));
  return [...tables.executions.values()]
    .filter((run) => run.status === 'pending' && run.slot !== null && run.requestedAt < now - notEnqueuedMs)
    .filter((run) => (run.enqueuedAt === null || isStale(run)) && !isTaken(runKey(run.id)))
    .sort((a, b) => a.requestedAt - b.requestedAt)
    .slice(0, batchSize)
    .map((run) => {
      const cause = run.enqueuedAt === null ? 'not_enqueued' : 'stale_job';
      again(context, run);
      return sweptRow(run, cause);
    });
}

/** `sweep-expire-waiting`: waiting executions that have waited too long. */
export function expireWaiting({ tables, now, isTaken }: StatementContext, [batchSize]: readonly unknown[]): Rows {
  return [...tables.executions.values()]
    .filter((run) => run.status === 'pending' && run.slot === null && (run.expiresAt ?? Infinity) <= now)
    .filter((run) => !isTaken(runKey(run.id)))
    .slice(0, batchSize as number)
    .map((run) => {
      endRun(tables, run, now, { status: 'skipped', stopReason: 'queue_ttl_expired', byToken: null });
      return sweptRow(run, 'queue_ttl_expired');
    });
}

/** `sweep-free-places`: pipelines with a free slot and a waiting execution. */
export function findFreePlaces({ tables }: StatementContext, [batchSize]: readonly unknown[]): Rows {
  const ids = new Set<string>();
  for (const run of tables.executions.values()) {
    if (run.status === 'pending' && run.slot === null && isPlaceFree(tables, run)) ids.add(run.pipelineId);
  }
  return [...ids].slice(0, batchSize as number).map((id) => ({ pipeline_id: id }));
}

/** `sweep-lock-pipelines`: the pipelines that no other transaction has locked. */
export function lockPipelines({ isTaken, take }: StatementContext, [ids]: readonly unknown[]): Rows {
  const free = [...textsOf(ids)].sort().filter((id) => !isTaken(pipelineKey(id)));
  for (const id of free) take(pipelineKey(id));
  return free.map((id) => ({ pipeline_id: id }));
}

/** `sweep-promote`. */
export function promoteWaiting(context: StatementContext, [ids]: readonly unknown[]): Rows {
  const { tables, now, transaction } = context;
  const promoted: RunRow[] = [];
  for (const pipelineId of textsOf(ids)) {
    const keys = new Set(
      [...tables.executions.values()].filter((run) => run.pipelineId === pipelineId).map((run) => run.overlapKey),
    );
    for (const key of keys) {
      const [next] = waitingRuns(tables, pipelineId, key, now);
      if (next === undefined || !isPlaceFree(tables, next)) continue;
      // The unique index catches a decision that takes the same slot despite the locks.
      const place = placeKey(pipelineId, key, 0);
      if (context.isTaken(place)) throw new UniqueViolationError('one_active');
      context.take(place);
      promoted.push(next);
    }
  }
  transaction.write(() => {
    for (const run of promoted) promote(run, now);
  });
  return promoted.map((run) => ({ ...sweptRow(run, 'promoted'), dispatch_gen: run.dispatchGen + 1 }));
}

function isPlaceFree(tables: Tables, { pipelineId, overlapKey }: RunRow): boolean {
  for (const run of tables.executions.values()) {
    if (run.pipelineId !== pipelineId || run.overlapKey !== overlapKey) continue;
    if (run.slot === 0 && isActive(run)) return false;
  }
  return true;
}
