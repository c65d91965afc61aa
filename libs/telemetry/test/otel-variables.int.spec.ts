import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { uniqueName } from '@tripline/testing';

import { type Bundle, bundleFixture } from './fixtures/bundle';
import { type Collector, startCollector } from './fixtures/collector';

jest.setTimeout(60_000);

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

let bundle: Bundle;
let collector: Collector;

beforeAll(async () => {
  bundle = await bundleFixture();
});
beforeEach(async () => {
  collector = await startCollector();
});
afterEach(() => collector.close());
afterAll(() => bundle.remove());

/** Scopes of the spans that a run writes to a file, sorted and without repetitions. */
async function scopesOf(env: Readonly<Record<string, string>>): Promise<string[]> {
  const file = join(bundle.directory, uniqueName('spans'));
  await bundle.run({ ...env, OTEL_TRACES_FILE: file });
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const scopes = lines.map((line) => (JSON.parse(line) as { scope: string }).scope);
  return [...new Set(scopes.map((scope) => scope.replace('@opentelemetry/instrumentation-', '')))].sort();
}

/** Runs with an exporter that posts JSON to the collector; resolves with the resource attributes it was sent. */
async function resourceOf(env: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  await bundle.run({ ...env, ...toCollector('http/json') });
  const { resourceSpans } = JSON.parse(collector.received[0]?.body ?? '') as {
    resourceSpans: { resource: { attributes: Attribute[] } }[];
  };
  const attributes = resourceSpans[0]?.resource.attributes ?? [];
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

const toCollector = (protocol: string): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
});

const isRecording = (output: string): string | undefined => /^recording (\w+)$/m.exec(output)?.[1];

/** Log lines of the requests that the fixture's server received. */
const requestsIn = (output: string): Record<string, string>[] =>
  output
    .split('\n')
    .filter((line) => line.includes('"event":"request"'))
    .map((line) => JSON.parse(line) as Record<string, string>);

describe('OTEL_TRACES_EXPORTER', () => {
  it('unset exports nothing without an endpoint, and by OTLP with one', async () => {
    expect(isRecording(await bundle.run({}))).toBe('false');
    await bundle.run({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
    expect(collector.received.map(({ path }) => path)).toEqual(['/v1/traces']);
  });

  it('none exports nothing, even with an endpoint', async () => {
    const output = await bundle.run({ ...toCollector('http/json'), OTEL_TRACES_EXPORTER: 'none' });
    expect(isRecording(output)).toBe('false');
    expect(collector.received).toEqual([]);
  });

  it('console prints spans', async () => {
    const output = await bundle.run({ OTEL_TRACES_EXPORTER: 'console' });
    expect(isRecording(output)).toBe('true');
    expect(output).toContain("name: 'caller'");
  });

  it('with an unknown name exports nothing, keeps trace ids, and says so in the log', async () => {
    const output = await bundle.run({ OTEL_TRACES_EXPORTER: 'carrier-pigeon' });
    expect(isRecording(output)).toBe('false');
    expect(requestsIn(output)[0]).toMatchObject({ trace_id: expect.stringMatching(/^[\da-f]{32}$/) as string });
    expect(output).toMatch(/"event":"opentelemetry_problem".*carrier-pigeon/);
  });
});

describe('OTEL_EXPORTER_OTLP_*', () => {
  it.each([
    ['http/protobuf', 'application/x-protobuf'],
    ['http/json', 'application/json'],
  ])('speaks %s and sends the given headers', async (protocol, contentType) => {
    await bundle.run({ ...toCollector(protocol), OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=blue' });
    expect(collector.received[0]?.headers).toMatchObject({ 'content-type': contentType, 'x-tenant': 'blue' });
  });

  it('speaks gRPC', async () => {
    const grpc = await startCollector('grpc');
    await bundle.run({ OTEL_EXPORTER_OTLP_ENDPOINT: grpc.endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    await grpc.close();
    expect(grpc.received.map(({ path }) => path)).toEqual([
      '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    ]);
  });
});

describe('OTEL_BSP_*', () => {
  it('limits the spans of one export', async () => {
    await bundle.run({ ...toCollector('http/json'), OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1' });
    expect(collector.received.length).toBeGreaterThanOrEqual(4);
  });
});

describe('OTEL_TRACES_SAMPLER', () => {
  it.each([
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, false],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, false],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, false],
    [{ OTEL_TRACES_SAMPLER_ARG: '0' }, false],
    [{ OTEL_TRACES_SAMPLER: 'always_on', OTEL_TRACES_SAMPLER_ARG: '0' }, true],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' }, true],
  ])('%j samples: %s', async (env: Readonly<Record<string, string>>, isSampled) => {
    expect((await scopesOf(env)).length > 0).toBe(isSampled);
  });
});

describe('OTEL_NODE_ENABLED_INSTRUMENTATIONS and OTEL_NODE_DISABLED_INSTRUMENTATIONS', () => {
  it('are http, undici and pg by default', async () => {
    expect(await scopesOf({})).toEqual(['http', 'tripline', 'undici']);
  });

  it('leave only what is enabled', async () => {
    expect(await scopesOf({ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http' })).toEqual(['http', 'tripline']);
  });

  it('leave out what is disabled', async () => {
    expect(await scopesOf({ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http' })).toEqual(['tripline', 'undici']);
  });

  it('bring any of the fifty, without scrapes as traffic, and honour both lists at once', async () => {
    const env = {
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,runtime-node,undici',
      OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'undici',
    };
    expect(await scopesOf(env)).toEqual(['http', 'tripline']);
    const output = await bundle.run({ ...env, OTEL_TRACES_EXPORTER: 'console' });
    expect(output).toContain('otel_scope_name="@opentelemetry/instrumentation-runtime-node"');
    expect(output).not.toMatch(/'url.path': '.(metrics|health)/);
  });
});

describe('OTEL_PROPAGATORS', () => {
  it('is tracecontext by default', async () => {
    const [request] = requestsIn(await bundle.run({}));
    expect(request).toMatchObject({ traceparent: expect.stringMatching(/^00-/) as string });
    expect(request).not.toHaveProperty('b3');
  });

  it('b3 replaces the header of outgoing requests', async () => {
    const [request] = requestsIn(await bundle.run({ OTEL_PROPAGATORS: 'b3' }));
    expect(request).toMatchObject({ b3: expect.stringMatching(/^[\da-f]{32}-/) as string });
    expect(request).not.toHaveProperty('traceparent');
  });
});

describe('the resource', () => {
  it('is named by the preload and told more by the SDK', async () => {
    expect(await resourceOf({})).toMatchObject({
      'service.name': 'api',
      'process.pid': expect.anything() as unknown,
      'host.name': expect.anything() as unknown,
    });
  });

  it('takes OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES', async () => {
    const env = { OTEL_SERVICE_NAME: 'api-blue', OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging' };
    expect(await resourceOf(env)).toMatchObject({
      'service.name': 'api-blue',
      'deployment.environment.name': 'staging',
    });
  });

  it('holds only what OTEL_NODE_RESOURCE_DETECTORS names', async () => {
    const resource = await resourceOf({ OTEL_NODE_RESOURCE_DETECTORS: 'env,os' });
    expect(resource).toHaveProperty(['os.type']);
    expect(Object.keys(resource).filter((key) => /^(process|host)\./.test(key))).toEqual([]);
  });

  it('takes detectors that only the auto-instrumentations package has', async () => {
    const resource = await resourceOf({ OTEL_NODE_RESOURCE_DETECTORS: 'container,os', OTEL_SERVICE_NAME: 'ignored' });
    expect(resource).toHaveProperty(['os.type']);
    expect(resource).toMatchObject({ 'service.name': 'api' });
  });
});

describe('OTEL_SDK_DISABLED', () => {
  it('leaves neither trace ids nor OpenTelemetry metrics', async () => {
    const output = await bundle.run({ OTEL_SDK_DISABLED: 'true', ...toCollector('http/json') });
    expect(requestsIn(output)[0]).not.toHaveProperty('trace_id');
    expect(output).not.toContain('http_server_request_duration_seconds');
    expect(collector.received).toEqual([]);
  });
});

describe('a collector that does not answer', () => {
  it('delays the stop by at most the deadline of the flush', async () => {
    const output = await bundle.run({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
    const stopMs = Number(/^stopped after (\d+) ms$/m.exec(output)?.[1]);
    expect(stopMs).toBeGreaterThan(0);
    expect(stopMs).toBeLessThan(4_000);
  });
});
