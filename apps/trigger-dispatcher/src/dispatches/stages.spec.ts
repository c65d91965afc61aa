import { MAX_EVENT_AHEAD_MS, toSignalMessage } from '@tripline/contracts';
import { MatchIndex } from '@tripline/matching';
import type { Signal } from '@tripline/triggers';
import type { IncomingChunk } from '@tripline/messaging';
import type { ChunkResult, CreatedExecution, DecisionChunk, DecisionLogEntry } from '@tripline/decision-store';
import { BUILDER_TIME, buildPipeline, buildSignal } from '@tripline/testing';

import { createMatcher } from './match-chunk';
import { type ChunkReport, createChunkHandler, isolateNothing } from './stages';

const NOTHING_COUNTED = { records: 0, valid: 0, dead: 0, matched: 0, unmatched: 0, duplicates: 0 };

function chunkOf(values: readonly (Buffer | string | null)[], firstOffset = 40n): IncomingChunk {
  return {
    topic: 'trading-signals',
    partition: 2,
    highWatermark: firstOffset + BigInt(values.length),
    messages: values.map((value, index) => ({
      offset: firstOffset + BigInt(index),
      key: null,
      value: typeof value === 'string' ? Buffer.from(value) : value,
      headers: { traceparent: `trace-${index}` },
      timestampMs: BUILDER_TIME + index,
    })),
    heartbeat: () => Promise.resolve(),
    isRunning: () => true,
  };
}

const encode = (signal: Signal): string => JSON.stringify(toSignalMessage(signal));

function createHarness(
  decide: (chunk: DecisionChunk) => Promise<ChunkResult>,
  pipelines = [buildPipeline({ tickers: ['^SPX'] })],
) {
  const chunks: DecisionChunk[] = [];
  const enqueued: CreatedExecution[] = [];
  const reports: ChunkReport[] = [];
  const spans: { signalId: string; outcomes?: readonly string[]; failure?: unknown }[] = [];
  const index = MatchIndex.build(pipelines);
  const handle = createChunkHandler({
    isolate: isolateNothing,
    match: createMatcher({ currentIndex: () => index }),
    decide: (chunk) => {
      chunks.push(chunk);
      return decide(chunk);
    },
    enqueue: (executions) => {
      enqueued.push(...executions);
      return Promise.resolve();
    },
    trace: ({ signal }) => {
      const span: (typeof spans)[number] = { signalId: signal.signalId };
      spans.push(span);
      return { traceparent: `span-of-${signal.signalId}`, end: (result) => void Object.assign(span, result) };
    },
    monotonicMs: () => 0,
    report: (report) => void reports.push(report),
  });
  return { handle, chunks, enqueued, reports, spans };
}

const emptyResult: ChunkResult = {
  decisions: [],
  created: [],
  ended: [],
  counted: NOTHING_COUNTED,
  previousNextOffset: null,
};

describe('createChunkHandler', () => {
  it('passes on every record: signals with their matches, the rest as dead records with their offsets, and the end of the chunk', async () => {
    const [matching, other] = [
      buildSignal(),
      buildSignal({ tickers: [{ ticker: 'NONE', signal: 'BULLISH', confidence: 1 }] }),
    ];
    const harness = createHarness(() => Promise.resolve(emptyResult));
    await harness.handle(chunkOf([encode(matching), '{broken', encode(other), null]));

    const [chunk] = harness.chunks;
    expect(chunk).toMatchObject({ topic: 'trading-signals', partition: 2, nextOffset: 44n });
    expect(chunk?.records.map(({ offset, matches }) => [offset, matches.length])).toEqual([[40n, 1]]);
    expect(chunk?.unmatched?.map(({ offset }) => offset)).toEqual([42n]);
    expect(chunk?.deadSignals.map(({ offset, reason }) => [offset, reason])).toEqual([
      [41n, 'not_json'],
      [43n, 'empty'],
    ]);
    expect(harness.reports[0]?.matched).toEqual(new Map([['golden_cross', 1]]));
  });

  it('marks a signal dead when its event time is ahead of its record time, both on peeking and on full parsing', async () => {
    const ahead = buildSignal({ occurredAt: BUILDER_TIME + MAX_EVENT_AHEAD_MS + 60_000 });
    const [plain, nested] = [ahead, { ...ahead, metadata: { a: { b: 1 } } }];
    const unwatched = { ...ahead, tickers: [{ ticker: 'AAPL', signal: 'BULLISH', confidence: 1 } as const] };
    const { handle, chunks } = createHarness(() => Promise.resolve(emptyResult));
    await handle(chunkOf([plain, nested, unwatched, buildSignal()].map(encode)));
    expect(chunks[0]?.deadSignals.map(({ offset, reason }) => [offset, reason])).toEqual([
      [40n, 'event_time_in_future'],
      [41n, 'event_time_in_future'],
      [42n, 'event_time_in_future'],
    ]);
    expect(chunks[0]?.records).toHaveLength(1);
  });

  it("matches a private signal with its owner's pipelines only", async () => {
    const [own, other] = [buildPipeline(), buildPipeline()];
    const [mine, foreign, nobodys] = [own.userId, other.userId, '0d1c2b3a-4f5e-4d6c-8b7a-9f8e7d6c5b4a'].map((owner) =>
      buildSignal({ publisher: owner, owner }),
    ) as [Signal, Signal, Signal];
    const { handle, chunks } = createHarness(() => Promise.resolve(emptyResult), [own, other]);
    await handle(chunkOf([mine, foreign, nobodys, buildSignal()].map(encode)));
    const pairs = chunks[0]?.records.map(({ matches }) => matches.map(({ pipeline }) => pipeline.id).sort());
    expect(pairs).toEqual([[own.id], [other.id], [own.id, other.id].sort()]);
    expect(chunks[0]?.unmatched).toHaveLength(1);
  });

  it('keeps only the digest and the first bytes of a dead record', async () => {
    const harness = createHarness(() => Promise.resolve(emptyResult));
    await harness.handle(chunkOf([`{"secret": "${'x'.repeat(5_000)}`]));
    const [dead] = harness.chunks[0]?.deadSignals ?? [];
    expect(dead?.rawPrefix.byteLength).toBe(256);
    expect(dead?.rawSha256).toMatch(/^[\da-f]{64}$/);
  });

  it('keeps the trace header of a dead record only when it is valid', async () => {
    const harness = createHarness(() => Promise.resolve(emptyResult));
    const incoming = chunkOf(['{', '{']);
    const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
    const headers = [{ traceparent }, { traceparent: 'y'.repeat(100_000) }];
    const messages = incoming.messages.map((message, index) => ({ ...message, headers: headers[index] ?? {} }));
    await harness.handle({ ...incoming, messages });
    expect(harness.chunks[0]?.deadSignals.map((dead) => dead.traceparent)).toEqual([traceparent, null]);
  });

  it('decides a chunk with too many pairs in several transactions, in log order and without a gap', async () => {
    const pipelines = Array.from({ length: 2_000 }, () => buildPipeline({ tickers: ['^SPX'] }));
    const harness = createHarness(() => Promise.resolve(emptyResult), pipelines);
    let beats = 0;
    const beat = () => Promise.resolve(void (beats += 1));
    const values = ['{', ...Array.from({ length: 5 }, () => encode(buildSignal())), '{'];
    await harness.handle({ ...chunkOf(values), heartbeat: beat });

    const offsets = harness.chunks.map(({ records, deadSignals, nextOffset }) => ({
      records: records.map(({ offset }) => offset),
      dead: deadSignals.map(({ offset }) => offset),
      nextOffset,
    }));
    expect(offsets).toEqual([
      { records: [41n, 42n], dead: [40n], nextOffset: 43n },
      { records: [43n, 44n], dead: [], nextOffset: 45n },
      { records: [45n], dead: [46n], nextOffset: 47n },
    ]);
    expect(beats).toBe(2);
    expect(harness.reports.map(({ chunk }) => chunk.messages.length)).toEqual([3, 2, 2]);
  });

  it('opens a span for each matched signal, passes it on as the trace, and closes it with the outcome', async () => {
    const signal = buildSignal();
    const harness = createHarness(({ records }) =>
      Promise.resolve({
        ...emptyResult,
        decisions: records.map(
          (record) => ({ signalId: record.signal.signalId, outcome: 'TRIGGERED' }) as DecisionLogEntry,
        ),
        created: [
          {
            executionId: 'e1',
            generation: 1,
            pipelineId: 'p1',
            userId: 'u1',
            traceparent: records[0]?.traceparent ?? null,
          },
        ],
      }),
    );
    await harness.handle(
      chunkOf([
        encode(signal),
        encode(buildSignal({ tickers: [{ ticker: 'NONE', signal: 'BULLISH', confidence: 1 }] })),
      ]),
    );
    expect(harness.spans).toEqual([{ signalId: signal.signalId, outcomes: ['TRIGGERED'] }]);
    expect(harness.enqueued).toEqual([
      { executionId: 'e1', generation: 1, pipelineId: 'p1', userId: 'u1', traceparent: `span-of-${signal.signalId}` },
    ]);
  });

  it('rejects without enqueueing or reporting when the decision is not stored, so the offset is not committed', async () => {
    const failure = new Error('database away');
    const harness = createHarness(() => Promise.reject(failure));
    await expect(harness.handle(chunkOf([encode(buildSignal())]))).rejects.toBe(failure);
    expect(harness.enqueued).toEqual([]);
    expect(harness.reports).toEqual([]);
    expect(harness.spans[0]?.failure).toBe(failure);
  });
});
