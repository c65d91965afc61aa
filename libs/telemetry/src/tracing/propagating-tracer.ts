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
 * The tracer of a process that exports no spans. Each span is an id under its parent's trace, for logs and for what the
 * process sends; nothing is recorded, which the SDK would do without a reader too. The sampler still decides, because other
 * processes of the trace may export.
 */
export function createPropagatingTracerProvider(sampler: Sampler): TracerProvider {
  const tracer = new PropagatingTracer(sampler);
  return { getTracer: () => tracer };
}

class PropagatingTracer implements Tracer {
  readonly #ids = new RandomIdGenerator();
  readonly #sampler: Sampler;

  constructor(sampler: Sampler) {
    this.#sampler = sampler;
  }

  startSpan(name: string, options: SpanOptions = {}, active: Context = activeContext.active()): Span {
    const context = options.root === true ? trace.deleteSpan(active) : active;
    const parent = validParent(context);
    const traceId = parent?.traceId ?? this.#ids.generateTraceId();
    const { kind = SpanKind.INTERNAL, attributes = {}, links = [] } = options;
    const { decision, traceState = parent?.traceState } = this.#sampler.shouldSample(
      context,
      traceId,
      name,
      kind,
      attributes,
      links,
    );
    const traceFlags = decision === SamplingDecision.RECORD_AND_SAMPLED ? TraceFlags.SAMPLED : TraceFlags.NONE;
    return trace.wrapSpanContext({
      traceId,
      spanId: this.#ids.generateSpanId(),
      traceFlags,
      ...(traceState && { traceState }),
    });
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<F> {
    const fn = rest.at(-1) as (span: Span) => ReturnType<F>;
    const [options, given] = rest.slice(0, -1) as [SpanOptions?, Context?];
    const parent = given ?? activeContext.active();
    const span = this.startSpan(name, options, parent);
    return activeContext.with(trace.setSpan(parent, span), () => fn(span));
  }
}

function validParent(context: Context): SpanContext | undefined {
  const parent = trace.getSpanContext(context);
  return parent !== undefined && isSpanContextValid(parent) ? parent : undefined;
}
