import type { SignalRule, SignalSubscription } from '@tripline/triggers';
import type { SignalDirection } from '@tripline/market';

/** The fields of a signal that a rule uses, for one ticker. */
export interface RuleEvent {
  readonly signalId: string;
  readonly signalType: string;
  readonly source: string;
  readonly direction: SignalDirection;
  /** 0..100. */
  readonly confidence: number;
  /** Event time, epoch ms. */
  readonly occurredAt: number;
  /** When it was decided, epoch ms by the clock of the authority (PostgreSQL). */
  readonly seenAt: number;
}

/** A signal that waits for others. Keys are short because this is stored once per (pipeline, ticker). */
export interface HeldSignal {
  readonly id: string;
  readonly type: string;
  /** Event time, epoch ms. */
  readonly at: number;
  /** When it was decided, epoch ms. */
  readonly seen: number;
  /** Indexes of the conditions it fits, ascending. */
  readonly fits: readonly number[];
}

/** A veto signal, or a consumed signal. */
export interface NotedSignal {
  readonly id: string;
  readonly type: string;
  /** Event time, epoch ms. */
  readonly at: number;
}

/** The state of a rule for one ticker: a small JSON document. */
export interface RuleState {
  /** Newest event time seen, epoch ms; null before the first signal. */
  readonly newestAt: number | null;
  readonly open: readonly HeldSignal[];
  readonly guards: readonly NotedSignal[];
  /** Consumed signals, so that a redelivered one is not counted twice. */
  readonly used: readonly NotedSignal[];
}

/** A signal that a firing consumed. */
export interface ConsumedSignal {
  readonly signalId: string;
  readonly signalType: string;
  /** Event time, epoch ms. */
  readonly occurredAt: number;
  /** Index of the condition it met. */
  readonly condition: number;
}

export interface RuleFiring {
  /** In order of event time. */
  readonly consumed: readonly ConsumedSignal[];
  /** Event time of the firing, epoch ms: that of the newest consumed signal or, for `absence`, the deadline. */
  readonly at: number;
}

export const EMPTY_RULE_STATE: RuleState = Object.freeze({ newestAt: null, open: [], guards: [], used: [] });

/** Unconsumed signals kept per condition, and veto signals kept in total. The newest by event time are kept. */
export const MAX_HELD_PER_CONDITION = 16;
/** Consumed signals remembered. */
export const MAX_USED = 64;
/**
 * A signal whose event time is further ahead of the clock is not counted, because it would make all others look late.
 */
export const FUTURE_ALLOWANCE_MS = 60_000;

/** Whether a signal fits the subscription. */
export function answersCondition(subscription: SignalSubscription, event: RuleEvent): boolean {
  return (
    (subscription.signalType === undefined || subscription.signalType === event.signalType) &&
    (subscription.direction === undefined || subscription.direction === event.direction) &&
    (subscription.source === undefined || subscription.source === event.source) &&
    event.confidence >= subscription.minConfidence
  );
}

/** Newest first; at equal event times the smaller id first, so the result never depends on the order of arrival. */
export function newestFirst(a: { at: number; id: string }, b: { at: number; id: string }): number {
  if (a.at !== b.at) return b.at - a.at;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Whether the state has counted this signal already. */
export function knowsSignal(state: RuleState, signalId: string): boolean {
  const isIt = ({ id }: { id: string }): boolean => id === signalId;
  return state.open.some(isIt) || state.guards.some(isIt) || state.used.some(isIt);
}

/** Applies the bounds to the state; waiting signals are sorted newest first. */
export function boundState(rule: SignalRule, state: RuleState): RuleState {
  // A signal may arrive up to one window late and then looks back one window.
  const horizon = (state.newestAt ?? 0) - 2 * rule.withinMs;
  const isNear = ({ at }: { at: number }): boolean => at >= horizon;
  // A signal waiting for its deadline is kept until the deadline is handled, however late that is.
  const open = rule.kind === 'absence' ? [...state.open] : state.open.filter(isNear);
  return {
    newestAt: state.newestAt,
    open: newestOfEach(rule, open.sort(newestFirst)),
    guards: state.guards.filter(isNear).sort(newestFirst).slice(0, MAX_HELD_PER_CONDITION),
    used: state.used.filter(isNear).sort(newestFirst).slice(0, MAX_USED),
  };
}

/** Keeps a signal while it is among the newest of at least one condition. */
function newestOfEach(rule: SignalRule, sorted: readonly HeldSignal[]): HeldSignal[] {
  const counts = rule.conditions.map(() => 0);
  return sorted.filter(({ fits }) => {
    let isKept = false;
    for (const index of fits) {
      const count = counts[index] ?? MAX_HELD_PER_CONDITION;
      if (count < MAX_HELD_PER_CONDITION) isKept = true;
      counts[index] = count + 1;
    }
    return isKept;
  });
}
