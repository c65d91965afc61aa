import type { Pipeline, SignalSubscription } from '../pipelines/pipeline';
import type { Signal, SignalDirection, TickerSignal } from '../signals/signal';

/** One signal fits one pipeline. There is at most one per (signal, pipeline), whatever the number of tickers. */
export interface Match {
  readonly pipeline: Pipeline;
  /** The matching ticker entry with the highest confidence; of equals, the first in the signal. */
  readonly ticker: string;
  readonly direction: SignalDirection;
  readonly confidence: number;
  /** The first fitting subscription in the pipeline's own order; null when the pipeline has none (wants everything). */
  readonly subscription: SignalSubscription | null;
}

/** What kept a signal on one of the pipeline's tickers from matching, the nearest first. */
export const NEAR_MISS_REASONS = ['confidence', 'direction', 'signal_type'] as const;
export type NearMissReason = (typeof NEAR_MISS_REASONS)[number];

/** A pipeline that watches a ticker of the signal and yet does not match. */
export interface NearMiss {
  readonly pipeline: Pipeline;
  readonly ticker: string;
  readonly direction: SignalDirection;
  readonly confidence: number;
  readonly reason: NearMissReason;
  /** The subscription that came nearest. */
  readonly subscription: SignalSubscription;
  /** Confidence points that were missing; 0 when the confidence sufficed and something else did not. */
  readonly shortBy: number;
}

/** Pipelines that signals can start at all. */
export function listensToSignals(pipeline: Pipeline): boolean {
  return pipeline.isActive && pipeline.triggerMode === 'signal';
}

/** Whether a subscription wants this entry of a signal of this type. */
function subscriptionFits(subscription: SignalSubscription, signalType: string, entry: TickerSignal): boolean {
  return (
    (subscription.signalType === undefined || subscription.signalType === signalType) &&
    (subscription.direction === undefined || subscription.direction === entry.signal) &&
    entry.confidence >= subscription.minConfidence
  );
}

/**
 * The plain truth about one signal and one pipeline; `MatchIndex` gives the same answer for many pipelines at once.
 * Null when they do not match.
 */
export function pipelineMatches(pipeline: Pipeline, signal: Signal): Match | null {
  if (!listensToSignals(pipeline)) return null;
  let best: Match | null = null;
  for (const entry of signal.tickers) {
    if (best !== null && entry.confidence <= best.confidence) continue;
    if (!pipeline.tickers.includes(entry.ticker)) continue;
    const subscription =
      pipeline.subscriptions.find((wish) => subscriptionFits(wish, signal.signalType, entry)) ?? null;
    if (subscription === null && pipeline.subscriptions.length > 0) continue;
    best = { pipeline, ticker: entry.ticker, direction: entry.signal, confidence: entry.confidence, subscription };
  }
  return best;
}
