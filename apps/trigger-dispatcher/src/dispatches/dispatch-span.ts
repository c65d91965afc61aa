import type { IncomingChunk } from '@tripline/messaging';
import { openSpan } from '@tripline/telemetry';

import type { DecodedRecord } from './match-chunk';

/** The span of one matched signal. It covers matching, the decision and handing the jobs to the buffer. */
export interface DispatchSpan {
  readonly traceparent: string | null;
  /** `failure` marks the span as an error. */
  end(result: { readonly outcomes: readonly string[]; readonly failure?: unknown }): void;
}

/** A W3C trace context that its sender did not sample. We follow the parent's sampling decision. */
const NOT_SAMPLED = /^00-[\da-f]{32}-[\da-f]{16}-00$/;
const nothing = (): void => undefined;

/**
 * Opens `dispatch signal` as a child of the publisher's span. Work it starts carries this span's traceparent. An unsampled
 * trace gets no span: its own traceparent is passed on.
 */
export function startDispatchSpan({ message, signal }: DecodedRecord, chunk: IncomingChunk): DispatchSpan {
  const { headers } = message;
  const traceparent = headers['traceparent'];
  if (traceparent !== undefined && NOT_SAMPLED.test(traceparent)) return { traceparent, end: nothing };
  const span = openSpan('dispatch signal', {
    parent: headers,
    kind: 'consumer',
    attributes: {
      'messaging.system': 'kafka',
      'messaging.destination.name': chunk.topic,
      'messaging.destination.partition.id': String(chunk.partition),
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
