import type { SignalRule } from '@tripline/triggers';
import { holdAnchor, noteAbsenceGuard } from './absence';
import { findFiring } from './find-firing';
import {
  answersCondition,
  boundState,
  FUTURE_ALLOWANCE_MS,
  type HeldSignal,
  knowsSignal,
  type RuleEvent,
  type RuleFiring,
  type RuleState,
} from './rule-state';

/**
 * The effect of a signal on a rule: it completed the rule, waits for others, vetoes firings, or was not counted
 * (already seen, more than a window late, ahead of the clock, or fits no condition).
 */
export const RULE_EFFECTS = ['fired', 'held', 'guard', 'duplicate', 'late', 'in_future', 'unrelated'] as const;
export type RuleEffect = (typeof RULE_EFFECTS)[number];

export interface RuleStep {
  /** The same object when nothing changed. */
  readonly state: RuleState;
  readonly fired: RuleFiring | null;
  readonly effect: RuleEffect;
}

/**
 * Counts one signal of a ticker, in log order. Consumed signals leave the state. A signal that fits a veto subscription
 * is only a veto signal. A firing of `absence` never comes from here; see `expireRule`.
 */
export function advanceRule(rule: SignalRule, state: RuleState, event: RuleEvent): RuleStep {
  const unchanged = (effect: RuleEffect): RuleStep => ({ state, fired: null, effect });
  if (knowsSignal(state, event.signalId)) return unchanged('duplicate');
  const isGuard = isGuardOf(rule, event);
  const fits = isGuard ? [] : fittingConditions(rule, event);
  if (!isGuard && fits.length === 0) return unchanged('unrelated');
  if (event.occurredAt > event.seenAt + FUTURE_ALLOWANCE_MS) return unchanged('in_future');
  if (state.newestAt !== null && event.occurredAt < state.newestAt - rule.withinMs) return unchanged('late');

  const newestAt = Math.max(state.newestAt ?? event.occurredAt, event.occurredAt);
  const { signalId: id, signalType: type, occurredAt: at, seenAt: seen } = event;
  const current = { ...state, newestAt };
  if (isGuard) return { state: withGuard(rule, current, { id, type, at }), fired: null, effect: 'guard' };
  const held: HeldSignal = { id, type, at, seen, fits };
  if (rule.kind === 'absence') return { state: holdAnchor(rule, current, held), fired: null, effect: 'held' };
  return completeWith(rule, current, held);
}

/** Whether the signal is a veto signal. */
export function isGuardOf(rule: SignalRule, event: RuleEvent): boolean {
  return rule.noneOf.some((subscription) => answersCondition(subscription, event));
}

function fittingConditions(rule: SignalRule, event: RuleEvent): readonly number[] {
  // Only the first condition of an absence waits.
  const conditions = rule.kind === 'absence' ? rule.conditions.slice(0, 1) : rule.conditions;
  return conditions.flatMap((subscription, index) => (answersCondition(subscription, event) ? [index] : []));
}

function withGuard(rule: SignalRule, state: RuleState, guard: RuleState['guards'][number]): RuleState {
  if (rule.kind === 'absence') return noteAbsenceGuard(rule, state, guard);
  return boundState(rule, { ...state, guards: [...state.guards, guard] });
}

function completeWith(rule: SignalRule, state: RuleState, held: HeldSignal): RuleStep {
  // Bounded before the search, so that a signal beyond the bounds cannot be consumed.
  const waiting = boundState(rule, { ...state, open: [...state.open, held] });
  const isKept = waiting.open.includes(held);
  const fired = isKept ? findFiring(rule, waiting.open, waiting.guards, held) : null;
  if (fired === null) return { state: waiting, fired, effect: 'held' };
  const consumed = new Set(fired.consumed.map(({ signalId }) => signalId));
  const used = waiting.open.filter(({ id }) => consumed.has(id)).map(({ id, type, at }) => ({ id, type, at }));
  const rest = {
    ...waiting,
    open: waiting.open.filter(({ id }) => !consumed.has(id)),
    used: [...waiting.used, ...used],
  };
  return { state: boundState(rule, rest), fired, effect: 'fired' };
}
