import { isSpanContextValid, type SpanContext, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

import { redactText } from '../logging/sanitize';
import { extractContext, type TraceCarrier } from './propagation';

/** A span that is not tied to one function: work on a whole batch ends it later. It is never the active one. */
export interface OpenSpan {
  /** W3C `traceparent` of this span, to be stored or sent along; undefined without a tracer. */
  readonly traceparent: string | undefined;
  setAttributes(attributes: Readonly<Record<string, string | number | boolean>>): void;
  /** Ends the span; with an error it is marked as failed. Later calls do nothing. */
  end(error?: unknown): void;
}

const KINDS = { internal: SpanKind.INTERNAL, consumer: SpanKind.CONSUMER, producer: SpanKind.PRODUCER } as const;

/** Opens a span under the trace that `parent` names (an empty or broken carrier starts a new one). */
export function openSpan(
  name: string,
  options: {
    readonly parent: TraceCarrier;
    readonly kind?: keyof typeof KINDS;
    readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  },
): OpenSpan {
  const parent = extractContext(options.parent);
  const span = trace
    .getTracer('tripline')
    .startSpan(name, { kind: KINDS[options.kind ?? 'internal'], attributes: { ...options.attributes } }, parent);
  let ended = false;
  return {
    traceparent: traceparentOf(span.spanContext()),
    setAttributes: (attributes) => void span.setAttributes({ ...attributes }),
    end(error) {
      if (ended) return;
      ended = true;
      if (error !== undefined) {
        const message = redactText(error instanceof Error ? error.message : String(error));
        span.recordException({ name: error instanceof Error ? error.name : 'Error', message });
        span.setStatus({ code: SpanStatusCode.ERROR, message });
      }
      span.end();
    },
  };
}

/** As the W3C propagator writes it, without a context and a carrier made for it: thousands of these are opened in a second. */
function traceparentOf(spanContext: SpanContext): string | undefined {
  if (!isSpanContextValid(spanContext)) return undefined;
  const flags = spanContext.traceFlags.toString(16).padStart(2, '0');
  return `00-${spanContext.traceId}-${spanContext.spanId}-${flags}`;
}
