import { overlapEachOther } from './pattern-lookup';
import { type Pipeline, type SignalSubscription, subscriptionsOf } from '@tripline/triggers';
import type { SignalDirection } from '@tripline/market';

/** Directions a subscription can name; `ANY_DIRECTION` for none. An entry of the range table has one range for each. */
export const ANY_DIRECTION = 0;
export const DIRECTION_COUNT = 4;
const DIRECTION_CODES: Readonly<Record<SignalDirection, number>> = { BULLISH: 1, BEARISH: 2, NEUTRAL: 3 };

/** Subscription index of a posting whose pipeline has none and matches every signal on its tickers. */
export const NO_WISH = 0x3fff_ffff;
/** Flag in a posting's subscription: one entry of a signal can reach the pipeline only through this posting. */
export const SOLE_FLAG = 0x4000_0000;
/**
 * A pipeline without subscriptions matches everything, like a subscription without conditions that every confidence
 * reaches.
 */
const WANTS_EVERYTHING: SignalSubscription = { minConfidence: -Infinity };

/** Position of a direction's range within an entry. */
export function directionCode(direction: SignalDirection | undefined): number {
  return direction === undefined ? ANY_DIRECTION : DIRECTION_CODES[direction];
}

/** Calls `visit` for every posting of a pipeline, always in the same order. */
export function forEachPosting(
  pipeline: Pipeline,
  visit: (watched: string, subscription: SignalSubscription, subscriptionWord: number) => void,
): void {
  const subscriptions = subscriptionsOf(pipeline);
  const watched = new Set(pipeline.tickers);
  const sole = hasSoleEntries([...watched], subscriptions) ? SOLE_FLAG : 0;
  for (const ticker of watched) {
    if (subscriptions.length === 0) visit(ticker, WANTS_EVERYTHING, NO_WISH | sole);
    subscriptions.forEach((subscription, ordinal) => visit(ticker, subscription, ordinal | sole));
  }
}

/** The subscription a posting stands for; undefined for a pipeline without subscriptions. */
export function subscriptionOf(pipeline: Pipeline, subscriptionWord: number): SignalSubscription | undefined {
  return subscriptionsOf(pipeline)[subscriptionWord & ~SOLE_FLAG];
}

/** Whether no entry of a signal can reach two postings of the pipeline. */
function hasSoleEntries(watched: readonly string[], subscriptions: readonly SignalSubscription[]): boolean {
  if (overlapEachOther(watched)) return false;
  return subscriptions.every((subscription, place) =>
    subscriptions.every((other, at) => at <= place || areApart(subscription, other)),
  );
}

function areApart(one: SignalSubscription, other: SignalSubscription): boolean {
  return (
    differ(one.signalType, other.signalType) ||
    differ(one.source, other.source) ||
    differ(one.direction, other.direction)
  );
}

function differ(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}
