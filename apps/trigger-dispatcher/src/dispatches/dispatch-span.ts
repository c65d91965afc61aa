import type { IncomingBatch } from '@tripline/messaging';
import { openSpan } from '@tripline/telemetry';

import type { DecodedRecord } from './decode-chunk';
import type { DispatchSpan } from './dispatch-chunk';

/** Opens `dispatch signal` under the publisher's trace; what it starts carries this span's traceparent on. */
export function startDispatchSpan({ message, signal }: DecodedRecord, batch: IncomingBatch): DispatchSpan {
  const span = openSpan('dispatch signal', {
    parent: message.headers,
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
