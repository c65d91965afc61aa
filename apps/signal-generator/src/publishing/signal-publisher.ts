import { toSignalMessage } from '@tripline/contracts';
import type { Signal } from '@tripline/triggers';
import type { MessageProducer, OutgoingMessage } from '@tripline/messaging';
import { failpoint } from '@tripline/failpoints';
import { injectContext, type Logger, type Metrics, withSpan } from '@tripline/telemetry';

export interface SignalPublisherOptions {
  readonly producer: MessageProducer;
  readonly topic: string;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/**
 * Publishes signals, each with its own trace, which the dispatcher and worker continue. Resolves when the broker has acknowledged
 * all of them. Signals are counted as generated only then, so a retry is not counted twice.
 */
export function createSignalPublisher(options: SignalPublisherOptions): (signals: readonly Signal[]) => Promise<void> {
  const { producer, topic, metrics, logger } = options;
  const generated = metrics.counter('signals_generated_total');
  const byStrategy = metrics.counter('signals_total');
  return async (signals) => {
    await failpoint('before-publish');
    await producer.send(
      topic,
      signals.map((signal) => toRecord(signal, topic)),
    );
    for (const signal of signals) {
      generated.inc({ signal_type: signal.signalType, source: signal.source });
      byStrategy.inc({ strategy: signal.signalType, action: actionOf(signal) });
    }
    logger.debug({ event: 'signals_published', topic, count: signals.length }, 'signals published');
  };
}

/** Builds the record of a signal, keyed by its first ticker to keep that ticker's signals in order on one partition. */
function toRecord(signal: Signal, topic: string): OutgoingMessage {
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.destination.name': topic,
    signal_id: signal.signalId,
    signal_type: signal.signalType,
  };
  return withSpan('publish signal', { kind: 'producer', parent: {}, attributes }, () => ({
    key: signal.tickers[0]?.ticker ?? signal.signalId,
    value: JSON.stringify(toSignalMessage(signal)),
    headers: injectContext(),
  }));
}

function actionOf(signal: Signal): 'buy' | 'sell' | 'hold' {
  const direction = signal.tickers[0]?.signal;
  if (direction === 'BULLISH') return 'buy';
  return direction === 'BEARISH' ? 'sell' : 'hold';
}
