import { isSpanContextValid, trace, TraceFlags } from '@opentelemetry/api';

/** OpenMetrics allows 128 characters for the names and values of an exemplar's labels together. */
const MAX_EXEMPLAR_LENGTH = 128;

/** Trace and span of the active span; undefined when it is not sampled, because the link would lead nowhere. */
export function currentExemplar(): Record<string, string> | undefined {
  const context = trace.getActiveSpan()?.spanContext();
  if (context === undefined || (context.traceFlags & TraceFlags.SAMPLED) === 0 || !isSpanContextValid(context)) {
    return undefined;
  }
  return { trace_id: context.traceId, span_id: context.spanId };
}

/** The exemplar if it fits the limit and is not empty. */
export function fittingExemplar(
  exemplar: Readonly<Record<string, string>> | undefined,
): Record<string, string> | undefined {
  if (exemplar === undefined) return undefined;
  let length = 0;
  for (const [name, value] of Object.entries(exemplar)) {
    if (typeof value !== 'string') return undefined;
    length += name.length + value.length;
  }
  return length === 0 || length > MAX_EXEMPLAR_LENGTH ? undefined : { ...exemplar };
}
