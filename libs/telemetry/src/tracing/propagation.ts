import {
  context,
  type Context,
  defaultTextMapSetter,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  type TextMapGetter,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

/**
 * The hops of our own (records, jobs, rows) carry `traceparent` whatever `OTEL_PROPAGATORS` says: that variable is for HTTP,
 * where the other side is not ours.
 */
const PROPAGATOR = new W3CTraceContextPropagator();

/** Headers of a message or fields of a job that carry a trace; Kafka's values are buffers. */
export type TraceCarrier = Readonly<Record<string, string | Buffer | readonly (string | Buffer)[] | undefined>>;

const GETTER: TextMapGetter<TraceCarrier> = {
  keys: (carrier) => Object.keys(carrier),
  get: (carrier, key) => {
    const value = carrier[key];
    const first = Array.isArray(value) ? (value as readonly (string | Buffer)[])[0] : value;
    return first === undefined || first === null ? undefined : first.toString();
  },
};

/** Adds `traceparent` (and `tracestate`) of the active span to `carrier` and returns it. */
export function injectContext(carrier: Record<string, string> = {}): Record<string, string> {
  return injectInto(context.active(), carrier);
}

/** The same for a given context. */
export function injectInto(source: Context, carrier: Record<string, string> = {}): Record<string, string> {
  PROPAGATOR.inject(source, carrier, defaultTextMapSetter);
  return carrier;
}

/** Runs `fn` with the trace that `carrier` names as the active one; with an empty or broken carrier, without any. */
export function withExtractedContext<T>(carrier: TraceCarrier, fn: () => T): T {
  return context.with(extractContext(carrier), fn);
}

/** The context a carrier names, on top of the empty one. */
export function extractContext(carrier: TraceCarrier): Context {
  return PROPAGATOR.extract(ROOT_CONTEXT, carrier, GETTER);
}

/** The span a carrier names, if it names a valid one. */
export function extractSpanContext(carrier: TraceCarrier): SpanContext | undefined {
  const spanContext = trace.getSpanContext(extractContext(carrier));
  return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext : undefined;
}

/** Ids of the active span, for log lines; also of unsampled ones, so that lines of a trace stay together. */
export function currentTraceIds(): { trace_id: string; span_id: string } | Record<string, never> {
  const spanContext = trace.getSpanContext(context.active());
  if (spanContext === undefined || !isSpanContextValid(spanContext)) return {};
  return { trace_id: spanContext.traceId, span_id: spanContext.spanId };
}

/** The W3C `traceparent` of the active span, for storing beside a row. */
export function currentTraceparent(): string | undefined {
  return injectContext()['traceparent'];
}
