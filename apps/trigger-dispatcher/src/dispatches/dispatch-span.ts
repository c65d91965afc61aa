import type { IncomingBatch } from '@tripline/messaging';
import { openSpan } from '@tripline/telemetry';

import type { DecodedRecord } from './decode-chunk';
import type { DispatchSpan } from './dispatch-chunk';

/** W3C trace context whose sender recorded nothing: by the parent's decision neither do we. */
const NOT_SAMPLED = /^00-[\da-f]{32}-[\da-f]{16}-00$/;
const nothing = (): void => undefined;

/**
 * Opens `dispatch signal` under the publisher's trace; what it starts carries this span's traceparent on. A trace that nobody
 * records gets no span: its own traceparent is carried on.
 */
export function startDispatchSpan({ message, signal }: DecodedRecord, batch: IncomingBatch): DispatchSpan {
  const { headers } = message;
  const traceparent = headers['traceparent'];
  if (traceparent !== undefined && NOT_SAMPLED.test(traceparent)) return { traceparent, end: nothing };
  const span = openSpan('dispatch signal', {
    parent: headers,
    kind: 'consumer',
    attributes: {
      'messaging.system': 'kafka',
      'messaging.destination.name': batch.topic,
      'messaging.destination.partition.id': String(batch.partition),
      'messaging.kafka.offset': Number(message.offset),
      signal_id: signal.signalId,
      signal_type: signal.signalType,
    },
  });
  return {
    traceparent: span.traceparent ?? null,
    end({ outcomes, failure }) {
      span.setAttributes({ outcomes: outcomes.join(',') });
      span.end(failure);
    },
  };
}
