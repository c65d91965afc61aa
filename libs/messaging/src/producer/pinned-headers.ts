const TRACE_HEADERS = ['traceparent', 'tracestate'] as const;

/**
 * Copies headers for kafkajs so that the caller's trace context survives. Batched sends run in the context of the call that
 * started the request, and kafkajs' OpenTelemetry instrumentation assigns `traceparent` from that context to every message. A
 * setter that ignores the assignment lets each message keep the trace of its own caller.
 */
export function pinnedHeaders(headers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const copy: Record<string, string> = { ...headers };
  for (const name of TRACE_HEADERS) {
    const value = copy[name];
    if (value !== undefined) {
      Object.defineProperty(copy, name, { enumerable: true, get: () => value, set: () => undefined });
    }
  }
  return copy;
}
