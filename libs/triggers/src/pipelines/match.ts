import { type Pipeline, type SignalSubscription, subscriptionsOf } from './pipeline';
import type { SignalHead, TickerSignal } from '../signals/signal';
import type { SignalDirection } from '@tripline/market';
import { watchesTicker } from './ticker-patterns';

/** One signal fits one pipeline. There is at most one per (signal, pipeline), however many tickers match. */
export interface Match {
  /** At the version that was matched. */
  readonly pipeline: Pipeline;
  /** The matching ticker entry with the highest confidence, or the first of equals in the signal. */
  readonly ticker: string;
  readonly direction: SignalDirection;
  readonly confidence: number;
}

/** Whether signals can start the pipeline at all. */
export function listensToSignals(pipeline: Pipeline): boolean {
  return pipeline.isActive && pipeline.triggerMode === 'signal';
}

/**
 * Whether a signal can match this user's pipelines: a shared one can match any user's, a private one only its owner's.
 */
export function isMeantFor(signal: Pick<SignalHead, 'owner'>, userId: string): boolean {
  return signal.owner === undefined || signal.owner === userId;
}

/** Whether an entry of a signal fits a subscription. */
function wishFits(subscription: SignalSubscription, signal: SignalHead, entry: TickerSignal): boolean {
  return (
    (subscription.signalType === undefined || subscription.signalType === signal.signalType) &&
    (subscription.source === undefined || subscription.source === signal.source) &&
    (subscription.direction === undefined || subscription.direction === entry.signal) &&
    entry.confidence >= subscription.minConfidence
  );
}

/**
 * The reference answer for one signal and one pipeline; `MatchIndex` gives the same answer for many pipelines at once.
 * A rule pipeline matches every signal its rule has to see. Null when they do not match.
 */
export function pipelineMatches(pipeline: Pipeline, signal: SignalHead): Match | null {
  if (!listensToSignals(pipeline) || !isMeantFor(signal, pipeline.userId)) return null;
  const subscriptions = subscriptionsOf(pipeline);
  let best: Match | null = null;
  for (const entry of signal.tickers) {
    if (best !== null && entry.confidence <= best.confidence) continue;
    if (!watchesTicker(pipeline.tickers, entry.ticker)) continue;
    if (subscriptions.length > 0 && !subscriptions.some((subscription) => wishFits(subscription, signal, entry)))
      continue;
    best = { pipeline, ticker: entry.ticker, direction: entry.signal, confidence: entry.confidence };
  }
  return best;
}
