import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { testInfra } from '@tripline/testing';

import { type Bundle, bundleFixture } from './fixtures/bundle';

interface SpanLine {
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly scope: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

let bundle: Bundle;
let output: string;
let outputWithoutExporter: string;
let spans: SpanLine[];

async function runWithAndWithoutExporter(): Promise<void> {
  bundle = await bundleFixture();
  const file = join(bundle.directory, 'spans.jsonl');
  const database = [testInfra().databaseUrl];
  output = await bundle.run({ OTEL_TRACES_FILE: file }, database);
  outputWithoutExporter = await bundle.run({}, database);
  spans = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SpanLine);
}

const requestLine = (text: string): { trace_id?: string; span_id?: string } =>
  JSON.parse(text.split('\n').find((line) => line.includes('"path":"/orders"')) ?? '{}') as object;

beforeAll(runWithAndWithoutExporter, 60_000);
afterAll(() => bundle.remove());

function span(matches: (line: SpanLine) => boolean): SpanLine {
  const found = spans.find(matches);
  if (found === undefined) throw new Error(`no such span among ${JSON.stringify(spans, null, 1)}`);
  return found;
}

describe('a bundled application behind the preload', () => {
  it('has one trace over http client, http server and pg', () => {
    const caller = span((line) => line.name === 'caller');
    const client = span((line) => line.parentSpanId === caller.spanId);
    const server = span((line) => line.parentSpanId === client.spanId);
    const query = span((line) => line.parentSpanId === server.spanId && line.scope.endsWith('instrumentation-pg'));
    expect([client.kind, server.kind, query.kind]).toEqual(['client', 'server', 'client']);
    expect(new Set([caller, client, server, query].map((line) => line.traceId)).size).toBe(1);
    expect(JSON.stringify(query.attributes)).toContain('SELECT 1');
  });

  it('has one trace over fetch', () => {
    const fetcher = span((line) => line.name === 'fetcher');
    const server = span((line) => line.kind === 'server' && line.traceId === fetcher.traceId);
    expect(JSON.stringify(server.attributes)).toContain('/by-fetch');
    expect(span((line) => line.scope.endsWith('instrumentation-undici')).traceId).toBe(fetcher.traceId);
  });

  it('keeps scrapes, probes, and queries outside of any work out of the traces', () => {
    expect(spans.filter((line) => /metrics|health/.test(JSON.stringify(line.attributes)))).toEqual([]);
    expect(spans.filter((line) => line.parentSpanId === null).map((line) => line.name)).toEqual(['caller', 'fetcher']);
  });

  it('shows the OpenTelemetry metrics beside its own, under names with a unit', () => {
    expect(output).toMatch(/^http_server_request_duration_seconds_count\{[^}]*http_route="\/orders\/:id"[^}]*\} 2$/m);
    expect(output).toMatch(/^db_client_operation_duration_seconds_count\{[^}]*db_operation_name="SELECT"[^}]*\} 5$/m);
    expect(output).toMatch(/^http_request_size_bytes_count 0$/m);
    expect(output.match(/^# TYPE http_client_request_duration_seconds /gm)).toHaveLength(1);
    expect(output).not.toMatch(/^# TYPE .*http_server_request_duration$/m);
  });

  it('writes the trace ids on log lines', () => {
    const server = span((candidate) => candidate.kind === 'server' && JSON.stringify(candidate).includes('/orders'));
    expect(requestLine(output)).toMatchObject({ trace_id: server.traceId, span_id: server.spanId });
  });

  it('has ids and the same metrics where nothing exports spans, and records none', () => {
    expect(requestLine(outputWithoutExporter)).toMatchObject({
      trace_id: expect.stringMatching(/^[\da-f]{32}$/) as string,
      span_id: expect.stringMatching(/^[\da-f]{16}$/) as string,
    });
    const families = (text: string): string[] => text.match(/^# TYPE \S+/gm) ?? [];
    expect(families(outputWithoutExporter)).toEqual(families(output));
    expect(outputWithoutExporter).toMatch(/^http_server_request_duration_seconds_count\{[^}]*\} 2$/m);
    // What the application itself sees: printed by the fixture.
    expect([output, outputWithoutExporter].map((text) => /^recording (\w+)$/m.exec(text)?.[1])).toEqual([
      'true',
      'false',
    ]);
  });
});
