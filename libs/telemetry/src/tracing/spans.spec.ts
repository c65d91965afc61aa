import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';

import { createLogger } from '../logging/logger';
import { currentExemplar } from '../metrics/exemplar';
import { currentTraceIds, currentTraceparent, injectContext, withExtractedContext } from './propagation';
import { NoClientRootSampler } from './sampler';
import { MAX_LINKS, withSpan } from './spans';

const exporter = new InMemorySpanExporter();
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(
    new TracerProvider({
      sampler: new NoClientRootSampler(new ParentBasedSampler({ root: new AlwaysOnSampler() })),
      spanProcessors: [new SimpleSpanProcessor({ exporter })],
    }),
  );
});
beforeEach(() => exporter.reset());
afterAll(() => {
  trace.disable();
  propagation.disable();
  context.disable();
});

function finished(name: string) {
  const span = exporter.getFinishedSpans().find((candidate) => candidate.name === name);
  if (span === undefined) throw new Error(`no span ${name}`);
  return span;
}

describe('withSpan', () => {
  it('carries one trace over a hop of headers', async () => {
    const carrier = await withSpan('publish', { kind: 'producer' }, () =>
      Promise.resolve(injectContext({ other: 'x' })),
    );
    const headers = { traceparent: Buffer.from(carrier['traceparent'] ?? '') };
    withSpan('dispatch signal', { kind: 'consumer', parent: headers }, () => undefined);
    const [producer, consumer] = [finished('publish'), finished('dispatch signal')];
    expect(carrier['other']).toBe('x');
    expect(consumer.parentSpanContext?.spanId).toBe(producer.spanContext().spanId);
    expect(consumer.spanContext().traceId).toBe(producer.spanContext().traceId);
  });

  it('starts a new trace for an empty or broken parent, even inside another span', () => {
    withSpan('outer', {}, () => {
      withSpan('a', { parent: {} }, () => undefined);
      withSpan('b', { parent: { traceparent: 'garbage' } }, () => undefined);
    });
    for (const name of ['a', 'b']) expect(finished(name).parentSpanContext).toBeUndefined();
  });

  it('keeps valid links only, and at most 128', () => {
    withSpan('poll', { links: [{ traceparent: PARENT }, {}, { traceparent: 'x' }] }, () => undefined);
    withSpan('big', { links: Array.from({ length: 500 }, () => ({ traceparent: PARENT })) }, () => undefined);
    expect(finished('poll').links.map((link) => link.context.traceId)).toEqual([TRACE]);
    expect(finished('big').links).toHaveLength(MAX_LINKS);
  });

  it('records what is thrown without credentials, ends the span and throws on', async () => {
    const failure = new TypeError('cannot reach redis://u:hunter22@h');
    expect(() =>
      withSpan('sync', {}, () => {
        throw failure;
      }),
    ).toThrow(failure);
    await expect(withSpan('async', {}, () => Promise.reject(failure))).rejects.toBe(failure);
    for (const name of ['sync', 'async']) {
      const span = finished(name);
      expect(span.status.code).toBe(2);
      expect(span.attributes['error.type']).toBe('TypeError');
      expect(JSON.stringify([span.events, span.status])).not.toContain('hunter22');
    }
  });

  it('does not start traces with client calls, but keeps them inside a trace', () => {
    withSpan('lonely query', { kind: 'client' }, () => undefined);
    withSpan('work', {}, () => withSpan('query', { kind: 'client' }, () => undefined));
    expect(exporter.getFinishedSpans().map((span) => span.name)).toEqual(['query', 'work']);
  });
});

describe('trace ids', () => {
  it('reach log lines, exemplars and rows of the active span', () => {
    const lines: string[] = [];
    const logger = createLogger({ service: 'worker', destination: { write: (line) => void lines.push(line) } });
    withExtractedContext({ traceparent: PARENT }, () => {
      logger.info({ event: 'x' });
      expect(currentTraceparent()).toBe(PARENT);
      expect(currentExemplar()).toEqual({ trace_id: TRACE, span_id: 'b7ad6b7169203331' });
    });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ trace_id: TRACE, span_id: 'b7ad6b7169203331' });
  });

  it('reach log lines but not exemplars when the trace is not sampled', () => {
    withExtractedContext({ traceparent: PARENT.replace(/01$/, '00') }, () => {
      expect(currentTraceIds()).toMatchObject({ trace_id: TRACE });
      expect(currentExemplar()).toBeUndefined();
    });
  });

  it('are absent outside of a span', () => {
    expect(currentTraceIds()).toEqual({});
    expect(currentTraceparent()).toBeUndefined();
  });
});
