import { existsSync, readFileSync } from 'node:fs';

/** A line of the file named by `OTEL_TRACES_FILE`. */
export interface SpanLine {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly service: string;
  readonly kind: string;
  readonly status: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Spans with this name, in the order they ended. */
export function readSpans(file: string, name: string): SpanLine[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SpanLine)
    .filter((span) => span.name === name);
}

export function traceparentOf({ traceId, spanId }: SpanLine): string {
  return `00-${traceId}-${spanId}-01`;
}
