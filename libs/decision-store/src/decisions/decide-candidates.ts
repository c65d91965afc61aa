import {
  calendarView,
  decide,
  decideAll,
  type DecidedTrigger,
  type Decision,
  type DecisionContext,
  type NewRun,
  type RunEnd,
  type Trigger,
  type UserUsage,
} from '@tripline/decisions';
import type { Pipeline } from '@tripline/triggers';

import { ConcurrentChangeError, type Queryable } from '@tripline/database';
import type { Candidate } from './candidates';
import { lockPipelines, type LockedLimits, type LockedState, type Moment, type PipelinesNow } from './read-state';
import type { RuleSession, RuleStage } from './rule-stage';

/** A pair with its decision. */
export interface DecidedCandidate {
  readonly candidate: Candidate;
  readonly decision: Decision;
  readonly run: NewRun | null;
  readonly userId: string;
}

/** Usage to store for a user whose quota is locked. */
export interface UsageWrite {
  readonly userId: string;
  readonly limits: LockedLimits;
  readonly usage: UserUsage;
}

export interface DecidedCandidates {
  /** In the given order. */
  readonly lines: readonly DecidedCandidate[];
  readonly ends: readonly RunEnd[];
  readonly usage: readonly UsageWrite[];
  readonly rules: RuleSession | null;
  /** By PostgreSQL's clock, epoch ms. */
  readonly decidedAt: number;
}

/**
 * Decides pairs that need no lock: those of pipelines without a pair that triggers. Such decisions change no state that
 * another could depend on, so they hold as of the moment their state was read, whatever happens concurrently. Indexed
 * by candidate; missing entries must be decided under the locks.
 */
function decideUnlocked(
  candidates: readonly Candidate[],
  pipelines: PipelinesNow,
  moment: Moment,
): { readonly settled: readonly (Decision | null)[]; readonly contended: ReadonlySet<string> } {
  const context: DecisionContext = {
    ...moment,
    marketAt: calendarView,
    advanceRule: () => ({ fired: false, detail: {} }),
    // Quotas are checked only for pairs that would trigger, and those are decided under the locks.
    quotaOf: () => null,
    usageChangeOf: null,
  };
  const contended = new Set<string>();
  const settled = candidates.map(({ pipeline, trigger }): Decision | null => {
    const state = pipelines.get(pipeline.id)?.state;
    if (state === undefined || contended.has(pipeline.id)) return null;
    const decision = pipeline.rule === null ? decide(pipeline, state, trigger, context) : null;
    if (decision !== null && decision.plan === null) return decision;
    contended.add(pipeline.id);
    return null;
  });
  return { settled: settled.map((decision, place) => (isContended(place) ? null : decision)), contended };

  function isContended(place: number): boolean {
    const candidate = candidates[place];
    return candidate === undefined || contended.has(candidate.pipeline.id);
  }
}

/** The pipelines of the candidates, read without a lock. */
export interface PipelineSurvey {
  readonly pipelines: PipelinesNow;
  readonly moment: Moment;
}

/**
 * Decides candidates in log order, locking only the pipelines that may trigger. A pipeline whose pairs are only skipped
 * is not locked, so another decision about it does not block this one.
 */
export async function decideCandidates(
  transaction: Queryable,
  candidates: readonly Candidate[],
  survey: PipelineSurvey,
  rules: RuleStage,
): Promise<DecidedCandidates> {
  const { settled, contended } = decideUnlocked(candidates, survey.pipelines, survey.moment);
  const locked =
    contended.size === 0
      ? null
      : await decideContended(
          transaction,
          candidates.filter(({ pipeline }) => contended.has(pipeline.id)),
          survey.pipelines,
          rules,
        );
  let next = 0;
  const lines = candidates.map((candidate, place): DecidedCandidate => {
    const decision = settled[place] ?? null;
    if (decision !== null) {
      const userId = survey.pipelines.get(candidate.pipeline.id)?.userId ?? candidate.pipeline.userId;
      return { candidate, decision, run: null, userId };
    }
    const line = locked?.lines[next++];
    if (line?.candidate !== candidate) throw new Error('the decisions are not in the order of the candidates');
    return line;
  });
  return {
    lines,
    ends: locked?.ends ?? [],
    usage: locked?.usage ?? [],
    rules: locked?.rules ?? null,
    decidedAt: locked?.decidedAt ?? survey.moment.nowMs,
  };
}

/** @throws ConcurrentChangeError when a pipeline was changed since it was read: its candidates may no longer match. */
async function decideContended(
  transaction: Queryable,
  candidates: readonly Candidate[],
  before: PipelinesNow,
  rules: RuleStage,
): Promise<DecidedCandidates> {
  const matched = new Map<string, Pipeline>();
  const users = new Set<string>();
  for (const { pipeline } of candidates) {
    matched.set(pipeline.id, pipeline);
    users.add(before.get(pipeline.id)?.userId ?? pipeline.userId);
  }
  const locked = await lockPipelines(transaction, matched, users);
  for (const id of matched.keys()) {
    if (locked.pipelines.get(id)?.state.version !== before.get(id)?.state.version) {
      throw new ConcurrentChangeError('a pipeline was changed while its triggers were being decided');
    }
  }
  return decideLocked(transaction, candidates, locked, rules);
}

/**
 * Decides under the locks, in the given order. Overlap, cooldown, quotas and rules see the effects of the predecessors.
 */
export async function decideLocked(
  transaction: Queryable,
  candidates: readonly Candidate[],
  locked: LockedState,
  ruleStage: RuleStage,
): Promise<DecidedCandidates> {
  const { nowMs, halts } = locked.moment;
  const subjects = candidates.filter(({ pipeline }) => pipeline.rule !== null);
  const rules =
    subjects.length === 0
      ? null
      : await ruleStage.open(
          transaction,
          subjects.map(({ pipeline, trigger }) => ({ pipeline, ticker: trigger.ticker })),
          nowMs,
        );
  const states = new Map([...locked.pipelines].map(([id, { state }]) => [id, state] as const));
  const { decided, ends, changedUsage } = decideAll(candidates, states, {
    nowMs,
    halts,
    limits: locked.limits,
    ...(rules === null
      ? {}
      : {
          advanceRule: (pipeline: Pipeline, trigger: Trigger) => rules.advance(pipeline, trigger),
          noteDenied: (pipeline: Pipeline, trigger: Trigger) => rules.noteDenied(pipeline, trigger),
        }),
  });
  return {
    lines: decided.map((item, place) => lineOf(item, candidates[place], locked.pipelines)),
    ends,
    usage: [...changedUsage].flatMap(([userId, usage]) => {
      const limits = locked.limits.get(userId);
      return limits === undefined ? [] : [{ userId, limits, usage }];
    }),
    rules,
    decidedAt: nowMs,
  };
}

function lineOf(item: DecidedTrigger, candidate: Candidate | undefined, pipelines: PipelinesNow): DecidedCandidate {
  if (candidate?.trigger !== item.trigger) throw new Error('the decisions are not in the order of the candidates');
  const userId = pipelines.get(candidate.pipeline.id)?.userId ?? candidate.pipeline.userId;
  return { candidate, decision: item.decision, run: item.run, userId };
}
