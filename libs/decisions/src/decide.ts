import { type Halt, haltOn, haltReason, deniesEverything } from '@tripline/risk';
import type { MarketSession } from '@tripline/market';
import type { Pipeline } from '@tripline/triggers';
import type { Decision, DecisionDetail, DetailValue, PipelineState, Trigger } from './decision';
import type { DecisionOutcome } from './outcome';
import { overlapKeyOf, resolveOverlap } from './overlap';
import { checkQuota, type UsageChange, type UserQuota, type UserUsage } from './quota';
import type { DecisionReason } from './reasons';
import { isTooOld, signalAgeMs } from './signal-age';

/** What a market calendar says about an instant. */
export interface MarketView {
  readonly open: boolean;
  readonly reason: 'open' | 'market_closed' | 'market_holiday';
  readonly opensAt?: number | undefined;
  readonly holiday?: string | undefined;
}

/** What a multi-signal rule says about one more signal. */
export interface RuleVerdict {
  readonly fired: boolean;
  /** When fired, the consumed signals. */
  readonly detail: DecisionDetail;
}

/** What a decision needs to know besides the pipeline's own state. */
export interface DecisionContext {
  /** Current time of the authority (PostgreSQL), epoch ms; one value for a whole sequence. */
  readonly nowMs: number;
  /** Halts in force. */
  readonly halts: readonly Halt[];
  /** Null for an unknown calendar, whose market counts as closed. */
  readonly marketAt: (calendar: string, epochMs: number, session: MarketSession) => MarketView | null;
  /** Null for a user without limits. */
  readonly quotaOf: (userId: string) => { readonly quota: UserQuota; readonly usage: UserUsage } | null;
  /** Counts a signal for the pipeline's rule. Called once per trigger that passed the earlier checks, in log order. */
  readonly advanceRule: (pipeline: Pipeline, trigger: Trigger) => RuleVerdict;
  /** Called for a trigger denied before its rule was asked: it may be a veto signal. */
  readonly noteDenied?: ((pipeline: Pipeline, trigger: Trigger) => void) | undefined;
  /**
   * How ending the executions that a new one replaces changes the user's usage. Null: all of them were unfinished
   * before.
   */
  readonly usageChangeOf: ((executionIds: readonly string[]) => UsageChange) | null;
}

type Detail = Record<string, DetailValue>;

/**
 * Decides one trigger of one pipeline. Pure.
 *
 * The checks run in this order, most useful reason first. The first that denies the trigger determines the outcome:
 * 0. EXPIRED `schedule_missed`: only records which scheduled executions were missed and are not caught up.
 * 1. EXPIRED `pipeline_inactive`: the pipeline was switched off after the match. A manual trigger is explicit and may
 *    start a pipeline that is switched off.
 * 2. EXPIRED `signal_too_old`: depends on the trigger alone; it would not trade even if the pipeline were free. Applies
 *    to signals and webhooks. A manual trigger may look at any day, and a schedule has its own rule for lateness.
 * 3. SKIPPED_RISK_HALT, SKIPPED_MARKET_CLOSED (at the trigger's event time), SKIPPED_QUALITY: no execution may start.
 * 4. COALESCED `rule_pending`: the signal is counted and the rule waits for more. A signal denied by an earlier check
 *    completes no rule, but a veto signal among them still counts.
 * 5. SKIPPED_ACTIVE: names the execution in the way. It comes before the cooldown, which usually applies at the same
 *    time, because the reader can look the execution up. The detail says when both applied.
 * 6. SKIPPED_COOLDOWN: in event time and in both directions, so that replay, live operation and out-of-order triggers
 *    agree.
 * 7. SKIPPED_QUOTA: last, so that only triggers that would have started count against the user.
 */
export function decide(pipeline: Pipeline, state: PipelineState, trigger: Trigger, context: DecisionContext): Decision {
  if (trigger.missed !== undefined) return refuse('EXPIRED', 'schedule_missed', trigger.missed);
  const detail: Detail = {};
  const refused = checkTrigger(pipeline, state, trigger, context, detail);
  if (refused !== null) {
    if (pipeline.rule !== null && trigger.mode === 'signal') context.noteDenied?.(pipeline, trigger);
    return refused;
  }

  let accepted: DecisionReason = 'trigger_accepted';
  if (pipeline.rule !== null && trigger.mode === 'signal') {
    const verdict =
      trigger.firing === null ? context.advanceRule(pipeline, trigger) : { fired: true, detail: trigger.firing };
    Object.assign(detail, verdict.detail);
    if (!verdict.fired) return refuse('COALESCED', 'rule_pending', detail);
    accepted = 'rule_fired';
  }

  const cooldownLeftMs = remainingCooldownMs(pipeline, state, trigger);
  const overlapKey = overlapKeyOf(pipeline.overlap, trigger.ticker);
  const overlap = resolveOverlap(pipeline.overlap, overlapKey, state.runs, context.nowMs);
  Object.assign(detail, overlap.detail);
  if (overlap.plan === null) {
    detail['also_in_cooldown'] = cooldownLeftMs > 0;
    return refuse('SKIPPED_ACTIVE', overlap.reason, detail);
  }
  if (pipeline.cooldownMs > 0) {
    detail['cooldown_ms'] = pipeline.cooldownMs;
    detail['last_triggered_at'] = state.lastTriggeredAt;
    if (cooldownLeftMs > 0) {
      detail['cooldown_left_ms'] = cooldownLeftMs;
      return refuse('SKIPPED_COOLDOWN', 'cooldown_running', detail);
    }
  }
  const limited = context.quotaOf(pipeline.userId);
  if (limited !== null) {
    const ended = overlap.plan.ends.map((end) => end.executionId);
    const change = context.usageChangeOf?.(ended) ?? { ended: ended.length, withdrawn: 0 };
    const answer = checkQuota(limited.quota, limited.usage, change);
    if (!answer.allowed) return refuse('SKIPPED_QUOTA', answer.reason, Object.assign(detail, answer.detail));
  }
  const reason = overlap.reason === 'trigger_accepted' ? accepted : overlap.reason;
  return { outcome: 'TRIGGERED', reason, detail, plan: overlap.plan };
}

/** The checks that need no rule and no lock. Fills in the values they used. */
function checkTrigger(
  pipeline: Pipeline,
  state: PipelineState,
  trigger: Trigger,
  context: DecisionContext,
  detail: Detail,
): Decision | null {
  const ageMs = signalAgeMs(pipeline.signalAgeFrom, trigger, context.nowMs);
  detail['age_ms'] = ageMs;
  if (trigger.minConfidence !== null) detail['min_confidence'] = trigger.minConfidence;
  if (state.version !== pipeline.version) detail['current_version'] = state.version;
  if (!state.isActive && trigger.mode !== 'manual') return refuse('EXPIRED', 'pipeline_inactive', detail);

  // A manual trigger is current whatever day it looks at. A missed schedule is late by its own rule.
  const isEvent = trigger.mode === 'signal' || trigger.mode === 'webhook';
  if (isEvent && pipeline.maxSignalAgeMs > 0) {
    detail['max_signal_age_ms'] = pipeline.maxSignalAgeMs;
    detail['age_from'] = pipeline.signalAgeFrom;
    if (isTooOld(pipeline.maxSignalAgeMs, ageMs)) return refuse('EXPIRED', 'signal_too_old', detail);
  }
  if (context.halts.length > 0) {
    const subject = { userId: pipeline.userId, pipelineId: pipeline.id, ticker: trigger.ticker, venue: pipeline.venue };
    const halt = haltOn(context.halts, subject);
    if (halt !== null) {
      Object.assign(detail, { halt_id: halt.id, halt_mode: halt.mode, halt_reason: halt.reason });
      if (deniesEverything(halt)) return refuse('SKIPPED_RISK_HALT', haltReason(halt), detail);
    }
  }
  return checkMarket(pipeline, trigger, context, detail) ?? checkQuality(pipeline, trigger, detail);
}

function checkMarket(pipeline: Pipeline, trigger: Trigger, context: DecisionContext, detail: Detail): Decision | null {
  if (pipeline.market === null) return null;
  const { calendar, session } = pipeline.market;
  const view = context.marketAt(calendar, trigger.occurredAt, session);
  detail['calendar'] = calendar;
  detail['session'] = session;
  if (view?.open === true) return null;
  if (view?.opensAt !== undefined) detail['opens_at'] = view.opensAt;
  if (view?.holiday !== undefined) detail['holiday'] = view.holiday;
  if (view === null) detail['calendar_known'] = false;
  const reason = view?.reason === 'market_holiday' ? 'market_holiday' : 'market_closed';
  return refuse('SKIPPED_MARKET_CLOSED', reason, detail);
}

function checkQuality(pipeline: Pipeline, trigger: Trigger, detail: Detail): Decision | null {
  const isAsked = trigger.mode === 'signal' || trigger.mode === 'webhook';
  if (pipeline.minQuality === null || !isAsked) return null;
  detail['quality'] = trigger.quality;
  detail['min_quality'] = pipeline.minQuality;
  if (trigger.quality === null) return refuse('SKIPPED_QUALITY', 'quality_unknown', detail);
  return trigger.quality < pipeline.minQuality ? refuse('SKIPPED_QUALITY', 'quality_below_minimum', detail) : null;
}

function refuse(outcome: DecisionOutcome, reason: DecisionReason, detail: DecisionDetail): Decision {
  return { outcome, reason, detail, plan: null };
}

/** Event time left until the cooldown ends, ms; 0 when none applies. */
function remainingCooldownMs(pipeline: Pipeline, state: PipelineState, trigger: Trigger): number {
  if (state.lastTriggeredAt === null || pipeline.cooldownMs <= 0) return 0;
  return Math.max(0, pipeline.cooldownMs - Math.abs(trigger.occurredAt - state.lastTriggeredAt));
}
