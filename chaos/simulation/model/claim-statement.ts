import { type Halt, haltOn, haltReason, type HaltSubject, isPaperVenue } from '@tripline/risk';
import { INTENT_LIFECYCLE } from '@tripline/trading';
import type { Pipeline, ExecutionDenial } from '@tripline/triggers';

import { numbersOf, placeKey, type Rows, runKey, type StatementContext, textsOf } from './statements';
import {
  abandonIntents,
  endRun,
  type PipelineRow,
  promoteNext,
  type RunRow,
  type Tables,
  unfinishedRuns,
} from './tables';

/** Row locks of a statement that writes these executions and may pass their slots to waiting executions. */
export function runLocks(tables: Tables, executionIds: readonly string[]): string[] {
  return [...executionIds].sort().flatMap((id) => {
    const run = tables.executions.get(id);
    if (run?.slot !== 0) return [runKey(id)];
    const isWaitedFor = unfinishedRuns(tables, run.pipelineId).some(({ slot }) => slot === null);
    return isWaitedFor ? [runKey(id), placeKey(run.pipelineId, run.overlapKey, 0)] : [runKey(id)];
  });
}

/** `executions-claim`. */
export function claimRuns(context: StatementContext, values: readonly unknown[]): Rows {
  const { tables, now } = context;
  const [ids, generations, , leases, deadlines] = values;
  const promoted: RunRow[] = [];
  const claimed = textsOf(ids).flatMap((id, index) => {
    const run = tables.executions.get(id);
    if (run === undefined || run.dispatchGen !== numbersOf(generations)[index] || !isClaimable(run, now)) return [];
    const row = tables.pipelines.get(run.pipelineId) as PipelineRow;
    const pipeline = versionOf(row, run.pipelineVersion);
    const freshUntil = freshUntilOf(tables, run, pipeline);
    const denial = refusalOf(tables, run, row, pipeline, freshUntil, now);
    const deadlineMs = numbersOf(deadlines)[index] ?? 0;
    run.leaseToken += 1;
    run.deadlineAt ??= now + deadlineMs;
    run.enqueuedAt ??= now;
    if (denial === null) {
      run.status = 'running';
      run.attempt += 1;
      run.leaseUntil = now + (numbersOf(leases)[index] ?? 0);
      run.startedAt ??= now;
    } else {
      endRun(tables, run, now, { status: 'skipped', stopReason: denial, byToken: run.leaseToken });
      abandonIntents(tables, run.id);
      promoted.push(...promoteNext(context, run));
    }
    return [{ ord: index + 1, denial, run, pipeline, row, freshUntil }];
  });
  const promotedRows = promoted.length === 0 ? null : promoted.map(dueRow);
  return claimed.map(({ ord, denial, run, pipeline, row, freshUntil }) => ({
    ...claimRow(tables, run, pipeline, row, now),
    ord,
    denial,
    fresh_until: freshUntil === null ? null : new Date(freshUntil),
    promoted: promotedRows,
  }));
}

function isClaimable(run: RunRow, now: number): boolean {
  if (run.attempt >= run.maxAttempts || run.slot === null) return false;
  return run.status === 'pending' || (run.status === 'running' && (run.leaseUntil ?? 0) < now);
}

function versionOf({ versions, pipeline }: PipelineRow, version: number): Pipeline {
  return versions.find((known) => known.pipeline.version === version)?.pipeline ?? pipeline;
}

/** Latest time at which the signal may start an execution and send orders, epoch ms; null without a limit. */
function freshUntilOf(tables: Tables, run: RunRow, pipeline: Pipeline): number | null {
  const isAged = run.triggerMode === 'signal' || run.triggerMode === 'webhook';
  if (!isAged || pipeline.maxSignalAgeMs <= 0) return null;
  const from = pipeline.signalAgeFrom === 'event' ? run.occurredAt : tables.signals.get(run.signalId)?.appendedAt;
  return from == null ? null : from + pipeline.maxSignalAgeMs;
}

function refusalOf(
  tables: Tables,
  run: RunRow,
  row: PipelineRow,
  pipeline: Pipeline,
  freshUntil: number | null,
  now: number,
): ExecutionDenial | null {
  const intents = [...tables.intents.values()].filter(({ intent }) => intent.executionId === run.id);
  // Claimed regardless, because the order may be at the broker and its outcome must be checked.
  if (run.attempt > 0 && intents.some(({ state }) => INTENT_LIFECYCLE.after(state, 'abandon') !== null)) return null;
  if (!row.pipeline.isActive && run.triggerMode !== 'manual') return 'pipeline_inactive';
  if (freshUntil !== null && freshUntil < now) return 'signal_too_old';
  if (!mayTradeAt(tables, pipeline.venue, run.userId)) return 'venue_not_permitted';
  const subject = { userId: run.userId, pipelineId: run.pipelineId, ticker: run.ticker, venue: pipeline.venue };
  return haltedBy(tables.halts, subject, ({ mode }) => mode !== 'reduce_only');
}

/** Paper venues are open to every user; any other venue must be granted. */
export function mayTradeAt(tables: Tables, venue: string, userId: string): boolean {
  return isPaperVenue(venue) || (tables.venueGrants.get(venue)?.has(userId) ?? false);
}

/** The reason of the first halt that applies. */
export function haltedBy(
  halts: readonly Halt[],
  subject: HaltSubject,
  counts: (halt: Halt) => boolean,
): ExecutionDenial | null {
  const halt = haltOn(halts.filter(counts), subject);
  return halt === null ? null : haltReason(halt);
}

function claimRow(
  tables: Tables,
  run: RunRow,
  pipeline: Pipeline,
  row: PipelineRow,
  now: number,
): Record<string, unknown> {
  const stored = tables.signals.get(run.signalId);
  const intent = [...tables.intents.values()].find((candidate) => candidate.intent.executionId === run.id);
  const isAgain = run.attempt > 1;
  const at = (ms: number | null | undefined): Date | null => (ms === null || ms === undefined ? null : new Date(ms));
  return {
    ...dueRow(run),
    lease_token: run.leaseToken,
    pipeline_version: run.pipelineVersion,
    trigger_mode: run.triggerMode,
    ticker: run.ticker,
    direction: run.direction,
    occurred_at: at(run.occurredAt),
    attempt: run.attempt,
    max_attempts: run.maxAttempts,
    created_at: at(run.createdAt),
    lease_until: at(run.leaseUntil),
    deadline_at: at(run.deadlineAt),
    definition: pipeline,
    s_id: stored?.signal.signalId ?? null,
    s_type: stored?.signal.signalType,
    s_source: stored?.signal.source,
    s_occurred_at: at(stored?.signal.occurredAt),
    s_appended_at: at(stored?.appendedAt),
    s_tickers: stored?.signal.tickers,
    s_metadata: stored?.signal.metadata,
    s_schema_version: stored?.signal.schemaVersion,
    ...accountColumns(row),
    steps: isAgain ? (tables.steps.get(run.id) ?? []) : [],
    intent:
      isAgain && intent !== undefined
        ? { intent: intent.intent, state: intent.state, ageMs: now - intent.updatedAt }
        : null,
  };
}

export function accountColumns({ account, positions }: PipelineRow): Record<string, unknown> {
  return {
    initial_cash: account.initialCash,
    cash: account.cash,
    account_version: account.version,
    positions: [...positions.values()].sort((a, b) => (a.ticker < b.ticker ? -1 : 1)),
  };
}

/** The columns of an execution that needs a job. */
export function dueRow(run: RunRow): Record<string, unknown> {
  return {
    id: run.id,
    pipeline_id: run.pipelineId,
    user_id: run.userId,
    dispatch_gen: run.dispatchGen,
    traceparent: null,
  };
}
