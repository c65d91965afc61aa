import { type Attributes, context, type Link, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

import { redactText } from '../logging/sanitize';
import { extractContext, extractSpanContext, type TraceCarrier } from './propagation';

/** Most links a span keeps; batches larger than that keep the first ones. */
export const MAX_LINKS = 128;

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;
export type TraceSpanKind = keyof typeof KINDS;

export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** The span a function runs in. */
export interface TraceSpan {
  setAttributes(attributes: SpanAttributes): void;
  addEvent(name: string, attributes?: SpanAttributes): void;
  /** Marks the span as failed without throwing. */
  fail(error: unknown): void;
  readonly traceId: string;
  readonly spanId: string;
}

export interface SpanOptions {
  readonly attributes?: SpanAttributes;
  readonly kind?: TraceSpanKind;
  /** Carrier of the parent; default: the active span. An empty carrier starts a new trace. */
  readonly parent?: TraceCarrier;
  /** Carriers of related spans; broken ones are left out, at most 128 are kept. */
  readonly links?: readonly TraceCarrier[];
}

/**
 * Runs `fn` inside a span that ends when `fn` returns or its promise settles. What it throws is recorded on the span,
 * which becomes an error, and thrown on.
 */
export function withSpan<T>(name: string, options: SpanOptions, fn: (span: TraceSpan) => T): T {
  const parent = options.parent === undefined ? context.active() : extractContext(options.parent);
  const span = trace.getTracer('tripline').startSpan(
    name,
    {
      kind: KINDS[options.kind ?? 'internal'],
      attributes: definedOnly(options.attributes),
      links: toLinks(options.links),
    },
    parent,
  );
  return context.with(trace.setSpan(parent, span), () => runAndEnd(span, fn));
}

function runAndEnd<T>(span: Span, fn: (span: TraceSpan) => T): T {
  let result: T;
  try {
    result = fn(toTraceSpan(span));
  } catch (error) {
    fail(span, error);
    span.end();
    throw error;
  }
  if (!(result instanceof Promise)) {
    span.end();
    return result;
  }
  return result.then(
    (value: unknown) => {
      span.end();
      return value;
    },
    (error: unknown) => {
      fail(span, error);
      span.end();
      throw error;
    },
  ) as T;
}

function toTraceSpan(span: Span): TraceSpan {
  const { traceId, spanId } = span.spanContext();
  return {
    setAttributes: (attributes) => void span.setAttributes(definedOnly(attributes)),
    addEvent: (name, attributes) => void span.addEvent(name, definedOnly(attributes)),
    fail: (error) => fail(span, error),
    traceId,
    spanId,
  };
}

function fail(span: Span, error: unknown): void {
  const message = redactText(error instanceof Error ? error.message : String(error));
  const name = error instanceof Error ? error.name : 'Error';
  const stack = error instanceof Error && error.stack !== undefined ? redactText(error.stack) : undefined;
  span.recordException({ name, message, ...(stack !== undefined && { stack }) });
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.setAttribute('error.type', name);
}

function toLinks(carriers: readonly TraceCarrier[] = []): Link[] {
  const links: Link[] = [];
  for (const carrier of carriers) {
    if (links.length >= MAX_LINKS) break;
    const spanContext = extractSpanContext(carrier);
    if (spanContext !== undefined) links.push({ context: spanContext });
  }
  return links;
}

function definedOnly(attributes: SpanAttributes = {}): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
