import type { OverlapRule } from '@tripline/triggers';
import type { ActiveRun, DecisionDetail, RunEnd, RunPlan } from './decision';
import type { DecisionReason } from './reasons';

/** What an overlap policy says about one more execution. */
export type OverlapAnswer =
  | { readonly plan: RunPlan; readonly reason: DecisionReason; readonly detail: DecisionDetail }
  | { readonly plan: null; readonly reason: DecisionReason; readonly detail: DecisionDetail };

const NOTHING: DecisionDetail = Object.freeze({});

/** '' for the whole pipeline, else the ticker. A trigger without a ticker uses the whole pipeline. */
export function overlapKeyOf(rule: OverlapRule, ticker: string | null): string {
  return rule.key === 'ticker' ? (ticker ?? '') : '';
}

/**
 * Whether one more execution may start, must wait or is denied while others are unfinished. Pure. `nowMs` is the
 * authority's clock, which expires waiting executions.
 *
 * An execution of another key counts only if one of the two keys is the whole pipeline. That happens after a pipeline's
 * key was changed; the stricter reading then applies.
 */
export function resolveOverlap(
  rule: OverlapRule,
  overlapKey: string,
  runs: readonly ActiveRun[],
  nowMs: number,
): OverlapAnswer {
  if (runs.length === 0) return start(overlapKey, 0, []);
  const rivals = runs.filter((run) => overlapKey === '' || run.overlapKey === overlapKey || run.overlapKey === '');
  const expired = rivals.filter((run) => isExpired(run, nowMs));
  const waiting = rivals.filter((run) => run.slot === null && !isExpired(run, nowMs));
  const active = rivals.filter((run) => run.slot !== null);
  const ends = expired.map((run) => endOf(run, 'skipped', 'queue_ttl_expired'));
  const [blocking] = active.length > 0 ? active : waiting;
  if (blocking === undefined) return start(overlapKey, 0, ends);

  switch (rule.policy) {
    case 'skip':
      return refuse('execution_active', { active_execution_id: blocking.executionId });
    case 'replace':
      return replaceRuns(overlapKey, active, waiting, ends);
    case 'queue_latest': {
      const superseded = waiting.map((run) => endOf(run, 'skipped', 'superseded'));
      if (active.length === 0) return start(overlapKey, 0, [...ends, ...superseded]);
      return wait(rule, overlapKey, nowMs, [...ends, ...superseded], { active_execution_id: blocking.executionId });
    }
    case 'queue': {
      const detail = { active_execution_id: blocking.executionId, waiting: waiting.length, queue_limit: rule.limit };
      if (waiting.length >= rule.limit) return refuse('queue_full', detail);
      return wait(rule, overlapKey, nowMs, ends, detail);
    }
    case 'parallel': {
      const busy = active.length + waiting.length;
      const detail = { active_execution_id: blocking.executionId, active: busy, parallel_limit: rule.limit };
      if (busy >= rule.limit) return refuse('parallel_limit', detail);
      return { ...start(overlapKey, freeSlot(active, overlapKey), ends), detail };
    }
  }
}

function replaceRuns(
  overlapKey: string,
  active: readonly ActiveRun[],
  waiting: readonly ActiveRun[],
  ends: readonly RunEnd[],
): OverlapAnswer {
  const plan = start(overlapKey, 0, [
    ...ends,
    ...waiting.map((run) => endOf(run, 'skipped', 'superseded')),
    ...active.map((run) => endOf(run, 'cancelled', 'replaced')),
  ]);
  const [replaced] = active;
  if (replaced === undefined) return plan;
  return { ...plan, reason: 'replaced_active', detail: { replaced_execution_id: replaced.executionId } };
}

function start(overlapKey: string, slot: number, ends: readonly RunEnd[]): OverlapAnswer & { plan: RunPlan } {
  return { plan: { overlapKey, slot, expiresAtMs: null, ends }, reason: 'trigger_accepted', detail: NOTHING };
}

function wait(
  rule: OverlapRule,
  overlapKey: string,
  nowMs: number,
  ends: readonly RunEnd[],
  detail: DecisionDetail,
): OverlapAnswer {
  const expiresAtMs = rule.ttlMs > 0 ? nowMs + rule.ttlMs : null;
  const patience = expiresAtMs === null ? detail : { ...detail, queue_ttl_ms: rule.ttlMs };
  return { plan: { overlapKey, slot: null, expiresAtMs, ends }, reason: 'queued_behind_active', detail: patience };
}

function refuse(reason: DecisionReason, detail: DecisionDetail): OverlapAnswer {
  return { plan: null, reason, detail };
}

function isExpired(run: ActiveRun, nowMs: number): boolean {
  return run.slot === null && run.expiresAtMs !== null && run.expiresAtMs <= nowMs;
}

function endOf(run: ActiveRun, status: RunEnd['status'], stopReason: RunEnd['stopReason']): RunEnd {
  return { executionId: run.executionId, status, stopReason };
}

/** The lowest slot that none of them holds under this key. */
function freeSlot(active: readonly ActiveRun[], overlapKey: string): number {
  const taken = new Set(active.filter((run) => run.overlapKey === overlapKey).map((run) => run.slot));
  let slot = 0;
  while (taken.has(slot)) slot += 1;
  return slot;
}
