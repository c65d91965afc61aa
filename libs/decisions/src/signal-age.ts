import type { SignalAgeOrigin } from '@tripline/triggers';

/** The two times a signal's age can be measured from, epoch ms. */
export interface SignalTimes {
  /** Event time. */
  readonly occurredAt: number;
  /** When Kafka appended it; null for triggers that did not come through Kafka. */
  readonly appendedAtMs: number | null;
}

/**
 * How old a signal is at `nowMs` (the authority's clock, epoch ms), in ms. Checked at the decision, at the start of the
 * execution and before its order. Never below 0, so a clock ahead of ours is not an error. A signal without an append
 * time is measured from its event time.
 */
export function signalAgeMs(from: SignalAgeOrigin, times: SignalTimes, nowMs: number): number {
  const origin = from === 'append' ? (times.appendedAtMs ?? times.occurredAt) : times.occurredAt;
  // An append time may be any number, including NaN. An invalid time has no age.
  return Math.max(0, nowMs - origin) || 0;
}

/** Whether a signal of that age is too old to trigger, start or trade; 0 is no limit. */
export function isTooOld(maxSignalAgeMs: number, ageMs: number): boolean {
  return maxSignalAgeMs > 0 && ageMs > maxSignalAgeMs;
}
