import type { Match, Signal } from '@tripline/triggers';
import type { Trigger } from './decision';

/** The subscription that matched, where it is known. */
interface Asked {
  readonly minConfidence: number;
}

/** The trigger that a signal makes for a pipeline it matched. @param appendedAtMs when Kafka appended it, epoch ms */
export function signalTrigger(
  signal: Signal,
  match: Pick<Match, 'ticker' | 'direction' | 'confidence'> & { readonly subscription?: Asked | null | undefined },
  appendedAtMs: number,
): Trigger {
  return {
    triggerId: signal.signalId,
    mode: 'signal',
    occurredAt: signal.occurredAt,
    appendedAtMs,
    ticker: match.ticker,
    confidence: match.confidence,
    minConfidence: match.subscription?.minConfidence ?? null,
    quality: qualityOf(signal.metadata),
    signalType: signal.signalType,
    source: signal.source,
    direction: match.direction,
    firing: null,
  };
}

/** A signal's `data_quality_score`, 0..1; null when it is missing or invalid. */
function qualityOf(metadata: Readonly<Record<string, unknown>>): number | null {
  const score = metadata['data_quality_score'];
  return typeof score === 'number' && score >= 0 && score <= 1 ? score : null;
}
