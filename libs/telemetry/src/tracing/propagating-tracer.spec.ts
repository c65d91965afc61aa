import {
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';

import { openSpan } from './open-span';
import { currentTraceIds, currentTraceparent } from './propagation';
import { createPropagatingTracerProvider } from './propagating-tracer';
import { NoClientRootSampler } from './sampler';
import { withSpan } from './spans';

const samplerOfRatio = (ratio: number): NoClientRootSampler =>
  new NoClientRootSampler(new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }));
const TRACE = '0af7651916cd43dd8448eb211c80319c';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(createPropagatingTracerProvider(samplerOfRatio(1)));
});
afterAll(() => {
  trace.disable();
  propagation.disable();
  context.disable();
});

describe('a process that exports no spans', () => {
  it.each([
    ['01', '01'],
    ['00', '00'],
    ['ff', '01'],
    ['10', '00'],
  ])('carries its parent on under an id of its own, sampled or not (%s)', async (given, flags) => {
    const parent = { traceparent: `00-${TRACE}-b7ad6b7169203331-${given}` };
    const seen = await withSpan('work', { parent }, (span) => Promise.resolve([span.spanId, currentTraceparent()]));
    expect(seen[0]).toMatch(/^(?!b7ad6b7169203331)[\da-f]{16}$/);
    expect(seen[1]).toBe(`00-${TRACE}-${seen[0]}-${flags}`);
    expect(openSpan('work', { parent }).traceparent).toMatch(new RegExp(`^00-${TRACE}-[\\da-f]{16}-${flags}$`));
  });

  it('gives log lines the ids of the span they are written in', () => {
    withSpan('work', { parent: {} }, ({ traceId, spanId }) => {
      expect(currentTraceIds()).toEqual({ trace_id: traceId, span_id: spanId });
    });
  });

  it('begins traces as the root sampler says, in every form of a call', () => {
    const flagsOf = (kind: SpanKind) =>
      trace.getTracer('x').startSpan('work', { kind }, ROOT_CONTEXT).spanContext().traceFlags;
    expect(flagsOf(SpanKind.CONSUMER)).toBe(TraceFlags.SAMPLED);
    // A query that nothing asked for is no trace of work.
    expect(flagsOf(SpanKind.CLIENT)).toBe(TraceFlags.NONE);
    const never = createPropagatingTracerProvider(samplerOfRatio(0)).getTracer('x');
    expect(never.startSpan('work', {}, ROOT_CONTEXT).spanContext().traceFlags).toBe(TraceFlags.NONE);
    const tracer = trace.getTracer('x');
    const outer = tracer.startActiveSpan('outer', (span) => {
      expect(trace.getActiveSpan()).toBe(span);
      const inner = tracer.startActiveSpan('inner', {}, (child) => child.spanContext());
      expect(inner.traceId).toBe(span.spanContext().traceId);
      const other = tracer.startActiveSpan('other', { root: true }, context.active(), (child) => child.spanContext());
      expect(other.traceId).not.toBe(inner.traceId);
      return span.spanContext();
    });
    expect(isSpanContextValid(outer)).toBe(true);
  });

  it('records nothing', () => {
    expect(trace.getTracer('x').startSpan('work').isRecording()).toBe(false);
  });
});
