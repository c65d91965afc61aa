import {
  context as activeContext,
  type Context,
  isSpanContextValid,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  trace,
  TraceFlags,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { RandomIdGenerator, type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';

/**
 * Spans of a process that exports none: an id each, under its parent's trace, for logs and for what is sent on. Nothing is recorded,
 * which the SDK would do even when nobody reads it (some 5 µs a span against half of one). New traces are sampled as
 * the root sampler says, those of a parent as the parent says: other processes of the trace may export.
 */
export function createPropagatingTracerProvider(root: Sampler): TracerProvider {
  const tracer = new PropagatingTracer(root);
  return { getTracer: () => tracer };
}

class PropagatingTracer implements Tracer {
  readonly #ids = new RandomIdGenerator();
  readonly #root: Sampler;

  constructor(root: Sampler) {
    this.#root = root;
  }

  startSpan(name: string, options: SpanOptions = {}, context: Context = activeContext.active()): Span {
    const parent = options.root === true ? undefined : trace.getSpanContext(context);
    const spanId = this.#ids.generateSpanId();
    if (parent !== undefined && isSpanContextValid(parent)) {
      const { traceId, traceState } = parent;
      // The other bits are not ours to pass on, and the propagator cannot write more than one digit.
      const traceFlags = parent.traceFlags & TraceFlags.SAMPLED;
      return trace.wrapSpanContext({ traceId, spanId, traceFlags, ...(traceState && { traceState }) });
    }
    return trace.wrapSpanContext(this.#rootContext(name, options, context, spanId));
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<F> {
    const fn = rest.at(-1) as (span: Span) => ReturnType<F>;
    const [options, given] = rest.slice(0, -1) as [SpanOptions?, Context?];
    const parent = given ?? activeContext.active();
    const span = this.startSpan(name, options, parent);
    return activeContext.with(trace.setSpan(parent, span), () => fn(span));
  }

  #rootContext(name: string, options: SpanOptions, context: Context, spanId: string): SpanContext {
    const traceId = this.#ids.generateTraceId();
    const kind = options.kind ?? SpanKind.INTERNAL;
    const { decision } = this.#root.shouldSample(context, traceId, name, kind, options.attributes ?? {}, []);
    const isSampled = decision === SamplingDecision.RECORD_AND_SAMPLED;
    return { traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE };
  }
}
