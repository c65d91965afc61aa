import type { SignalRule } from '@tripline/triggers';
import { boundState, type HeldSignal, type NotedSignal, type RuleFiring, type RuleState } from './rule-state';

/** How long after a deadline, by the clock, a veto signal may still arrive. */
export const ABSENCE_GRACE_MS = 5_000;

/** Whether a veto signal lies between a signal and its deadline, both included. */
function isForbidden(rule: SignalRule, held: { readonly at: number }, guard: { readonly at: number }): boolean {
  return guard.at >= held.at && guard.at <= held.at + rule.withinMs;
}

/** The state plus a signal that starts to wait for its deadline, unless a veto signal for it is already there. */
export function holdAnchor(rule: SignalRule, state: RuleState, anchor: HeldSignal): RuleState {
  if (state.guards.some((guard) => isForbidden(rule, anchor, guard))) {
    return boundState(rule, { ...state, used: [...state.used, notedOf(anchor)] });
  }
  return boundState(rule, { ...state, open: [...state.open, anchor] });
}

/** The state plus a veto signal: the signals it vetoes stop waiting. */
export function noteAbsenceGuard(rule: SignalRule, state: RuleState, guard: NotedSignal): RuleState {
  const forbidden = state.open.filter((held) => isForbidden(rule, held, guard));
  return boundState(rule, {
    ...state,
    open: state.open.filter((held) => !forbidden.includes(held)),
    guards: [...state.guards, guard],
    used: [...state.used, ...forbidden.map(notedOf)],
  });
}

/**
 * When the next deadline is due, epoch ms by the clock; null when no signal waits. The deadline is the window plus a
 * grace period after the signal occurred or was seen, whichever is later, so a backlog is read before its deadlines
 * pass. It is due at once when a signal beyond the deadline shows that event time has passed it (replayed history is
 * faster than the clock).
 */
export function dueAt(rule: SignalRule, state: RuleState): number | null {
  if (rule.kind !== 'absence' || state.open.length === 0) return null;
  return Math.min(...state.open.map((held) => deadlineOf(rule, state, held)));
}

function deadlineOf(rule: SignalRule, state: RuleState, held: HeldSignal): number {
  if ((state.newestAt ?? held.at) > held.at + rule.withinMs) return held.seen;
  return Math.max(held.at, held.seen) + rule.withinMs + ABSENCE_GRACE_MS;
}

/** Fires the oldest waiting signal whose deadline has passed at `nowMs`. Call again until it no longer fires. */
export function expireRule(
  rule: SignalRule,
  state: RuleState,
  nowMs: number,
): { readonly state: RuleState; readonly fired: RuleFiring | null } {
  if (rule.kind !== 'absence') return { state, fired: null };
  const due = state.open.filter((held) => deadlineOf(rule, state, held) <= nowMs);
  // The state is sorted newest first.
  const oldest = due.at(-1);
  if (oldest === undefined) return { state, fired: null };
  const { id: signalId, type: signalType, at: occurredAt } = oldest;
  return {
    state: {
      ...state,
      open: state.open.filter((held) => held !== oldest),
      used: boundState(rule, { ...state, used: [...state.used, notedOf(oldest)] }).used,
    },
    fired: { consumed: [{ signalId, signalType, occurredAt, condition: 0 }], at: occurredAt + rule.withinMs },
  };
}

function notedOf({ id, type, at }: HeldSignal): NotedSignal {
  return { id, type, at };
}
