import { executionIdOf, type Pipeline } from '@tripline/triggers';
import { decide, type DecisionContext } from './decide';
import type { ActiveRun, DecidedTrigger, NewRun, PendingTrigger, PipelineState, RunEnd, RunPlan } from './decision';
import { calendarView } from './market-view';
import { checkQuota, type UserQuota, type UserUsage } from './quota';

/** State of a pipeline that has never started an execution. */
export function initialPipelineState(pipeline: Pipeline): PipelineState {
  return {
    pipelineId: pipeline.id,
    isActive: pipeline.isActive,
    version: pipeline.version,
    runs: [],
    lastTriggeredAt: null,
  };
}

/** A user's limits with what they started before the sequence. */
export interface UserLimits {
  readonly quota: UserQuota;
  readonly usage: UserUsage;
}

/** As `DecisionContext`, for a sequence. Omitted parts halt, limit and fire nothing. */
export interface DecideAllOptions
  extends
    Pick<DecisionContext, 'nowMs'>,
    Partial<Pick<DecisionContext, 'halts' | 'marketAt' | 'advanceRule' | 'noteDenied'>> {
  /** By user id; users without limits are absent. */
  readonly limits?: ReadonlyMap<string, UserLimits>;
}

export interface DecidedSequence {
  /** One per distinct (pipeline, trigger) pair, in the order given. */
  readonly decided: readonly DecidedTrigger[];
  /** New state of every pipeline that was TRIGGERED. */
  readonly changedStates: ReadonlyMap<string, PipelineState>;
  /** Executions from before the sequence that end because of it. */
  readonly ends: readonly RunEnd[];
  /** New usage of every user with limits who was given an execution. */
  readonly changedUsage: ReadonlyMap<string, UserUsage>;
}

/**
 * Decides many triggers in log order, each on the state its predecessors left. A pair that occurs twice is decided
 * once. A pipeline without a state has never started an execution.
 *
 * An execution of this sequence that still waits when a later trigger supersedes it is never created: its trigger
 * becomes COALESCED. One that was started and then replaced is created as ended, with the same result as in two
 * sequences.
 */
export function decideAll(
  pending: readonly PendingTrigger[],
  states: ReadonlyMap<string, PipelineState>,
  options: DecideAllOptions,
): DecidedSequence {
  const sequence = new Sequence(states, options);
  for (const item of pending) sequence.decide(item);
  return sequence;
}

class Sequence implements DecidedSequence {
  readonly decided: DecidedTrigger[] = [];
  readonly changedStates = new Map<string, PipelineState>();
  readonly ends: RunEnd[] = [];
  readonly changedUsage = new Map<string, UserUsage>();
  readonly #seen = new Map<string, Set<string>>();
  /** Index in `decided` of each execution created here, by execution id. */
  readonly #made = new Map<string, number>();
  readonly #context: DecisionContext;

  constructor(
    private readonly states: ReadonlyMap<string, PipelineState>,
    private readonly options: DecideAllOptions,
  ) {
    this.#context = {
      nowMs: options.nowMs,
      halts: options.halts ?? [],
      marketAt: options.marketAt ?? calendarView,
      advanceRule: options.advanceRule ?? (() => ({ fired: false, detail: {} })),
      noteDenied: options.noteDenied,
      quotaOf: (userId) => this.#limitsOf(userId),
      usageChangeOf: (ended) => this.#usageChangeOf(ended),
    };
  }

  decide(item: PendingTrigger): void {
    const { pipeline, trigger } = item;
    if (!this.#isNew(pipeline.id, trigger.triggerId)) return;
    const state = this.changedStates.get(pipeline.id) ?? this.states.get(pipeline.id) ?? initialPipelineState(pipeline);
    const decision = decide(pipeline, state, trigger, this.#context);
    if (decision.plan === null) {
      this.decided.push({ pipeline, trigger, decision, run: null });
      return;
    }
    const { plan } = decision;
    const run: NewRun = {
      executionId: executionIdOf(pipeline.id, trigger.triggerId),
      overlapKey: plan.overlapKey,
      slot: plan.slot,
      expiresAtMs: plan.expiresAtMs,
      endedAs: null,
    };
    this.#use(pipeline.userId, plan);
    for (const end of plan.ends) this.#end(end, trigger.triggerId);
    this.#made.set(run.executionId, this.decided.length);
    this.decided.push({ pipeline, trigger, decision, run });
    this.changedStates.set(pipeline.id, applyPlan(state, plan, run.executionId, trigger.occurredAt));
  }

  #isNew(pipelineId: string, triggerId: string): boolean {
    const seen = this.#seen.get(pipelineId);
    if (seen === undefined) {
      this.#seen.set(pipelineId, new Set([triggerId]));
      return true;
    }
    return !seen.has(triggerId) && seen.add(triggerId).size > 0;
  }

  #limitsOf(userId: string): UserLimits | null {
    const limits = this.options.limits?.get(userId);
    if (limits === undefined) return null;
    return { quota: limits.quota, usage: this.changedUsage.get(userId) ?? limits.usage };
  }

  #usageChangeOf(ended: readonly string[]) {
    return { ended: ended.length, withdrawn: ended.filter((id) => this.#isWithdrawn(id)).length };
  }

  /** An execution of this sequence that only waits. If superseded, it was never started. */
  #isWithdrawn(executionId: string): boolean {
    const made = this.#made.get(executionId);
    return made !== undefined && this.decided[made]?.run?.slot === null;
  }

  #use(userId: string, plan: RunPlan): void {
    const limits = this.#limitsOf(userId);
    if (limits === null) return;
    const change = this.#usageChangeOf(plan.ends.map((end) => end.executionId));
    const answer = checkQuota(limits.quota, limits.usage, change);
    if (answer.allowed) this.changedUsage.set(userId, answer.usage);
  }

  #end(end: RunEnd, byTriggerId: string): void {
    const place = this.#made.get(end.executionId);
    const made = place === undefined ? undefined : this.decided[place];
    if (place === undefined || made?.run == null) {
      this.ends.push(end);
      return;
    }
    if (made.run.slot !== null) {
      this.decided[place] = { ...made, run: { ...made.run, endedAs: end } };
      return;
    }
    const detail = { ...made.decision.detail, superseded_by: byTriggerId };
    const decision = { outcome: 'COALESCED', reason: 'superseded_in_queue', detail, plan: null } as const;
    this.decided[place] = { ...made, decision, run: null };
  }
}

/** The state after a TRIGGERED decision. */
export function applyPlan(state: PipelineState, plan: RunPlan, executionId: string, occurredAt: number): PipelineState {
  const ended = new Set(plan.ends.map((end) => end.executionId));
  const { overlapKey, slot, expiresAtMs } = plan;
  const run: ActiveRun = { executionId, overlapKey, slot, expiresAtMs };
  const runs = ended.size === 0 ? state.runs : state.runs.filter((known) => !ended.has(known.executionId));
  return { ...state, runs: [...runs, run], lastTriggeredAt: occurredAt };
}
