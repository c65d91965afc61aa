import type { DecisionDetail } from '../decision';
import type { SignalRule, SignalSubscription } from '@tripline/triggers';
import type { RuleStep } from './advance-rule';
import { conditionsNeeded, guardBefore } from './find-firing';
import type { ConsumedSignal, HeldSignal, RuleState } from './rule-state';

/** A condition in words, e.g. `golden_cross BULLISH >= 75`. */
export function conditionText(subscription: SignalSubscription): string {
  const parts = [
    subscription.signalType ?? 'any signal',
    subscription.direction,
    subscription.source === undefined ? '' : `of ${subscription.source}`,
  ];
  if (subscription.minConfidence > 0) parts.push(`>= ${subscription.minConfidence}`);
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}

/** The fields of a consumed signal that the decision log stores. */
export function consumedDetail(consumed: readonly ConsumedSignal[]): Record<string, string | number>[] {
  return consumed.map(({ signalId, signalType, occurredAt, condition }) => ({
    signal_id: signalId,
    signal_type: signalType,
    occurred_at: occurredAt,
    condition,
  }));
}

/**
 * The conditions that an unfired rule has met and still lacks after a step. Stored in the decision log. Times are epoch
 * ms.
 */
export function pendingDetail(rule: SignalRule, step: RuleStep, occurredAt: number): DecisionDetail {
  const { state, effect } = step;
  const about = { rule: rule.kind, rule_effect: effect, within_ms: rule.withinMs };
  if (rule.kind === 'absence') return { ...about, waiting: state.open.length, ...nextDeadline(rule, state) };
  const inWindow = state.open.filter(({ at }) => at <= occurredAt && at >= occurredAt - rule.withinMs);
  const answered = rule.kind === 'sequence' ? answeredInOrder(rule, inWindow) : answeredInAnyOrder(rule, inWindow);
  const guard = guardBefore(rule, state.guards, occurredAt);
  return {
    ...about,
    needed: conditionsNeeded(rule),
    present: [...answered].map(([condition, { id, type, at }]) => ({
      condition,
      signal_id: id,
      signal_type: type,
      occurred_at: at,
    })),
    missing: rule.conditions.flatMap((subscription, index) =>
      answered.has(index) ? [] : [conditionText(subscription)],
    ),
    ...(guard === undefined ? {} : { blocked_by: guard.type, blocked_by_signal_id: guard.id, blocked_at: guard.at }),
  };
}

function nextDeadline(rule: SignalRule, { open }: RuleState): Record<string, number> {
  const oldest = open.at(-1);
  return oldest === undefined ? {} : { next_deadline_at: oldest.at + rule.withinMs };
}

/**
 * For display: newest signals first, each at its first free condition. This does not always meet the most conditions.
 */
function answeredInAnyOrder(rule: SignalRule, inWindow: readonly HeldSignal[]): ReadonlyMap<number, HeldSignal> {
  const answered = new Map<number, HeldSignal>();
  for (const signal of inWindow) {
    const condition = signal.fits.find((index) => !answered.has(index));
    if (condition !== undefined) answered.set(condition, signal);
  }
  return new Map(rule.conditions.flatMap((_, index) => pairOf(index, answered.get(index))));
}

/** The part of the sequence that has arrived, from its first condition on. */
function answeredInOrder(rule: SignalRule, inWindow: readonly HeldSignal[]): ReadonlyMap<number, HeldSignal> {
  const oldestFirst = [...inWindow].reverse();
  const answered = new Map<number, HeldSignal>();
  let after = -Infinity;
  for (const [index] of rule.conditions.entries()) {
    const next = oldestFirst.find(({ at, fits }) => at > after && fits.includes(index));
    if (next === undefined) break;
    answered.set(index, next);
    after = next.at;
  }
  return answered;
}

function pairOf(index: number, signal: HeldSignal | undefined): [number, HeldSignal][] {
  return signal === undefined ? [] : [[index, signal]];
}
