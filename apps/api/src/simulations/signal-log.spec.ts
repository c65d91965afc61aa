import type { IncomingChunk, PartitionOffsets } from '@tripline/messaging';
import { MessagingError } from '@tripline/messaging';
import { buildSignal } from '@tripline/testing';

import { createSignalLog, type SignalLogLimits } from './signal-log';

const LIMITS: SignalLogLimits = { maxRecords: 1_000, maxMs: 5_000, maxMatches: 1_000 };

/** A log of two partitions, read two records at a time. Record n was appended at time n. */
function fakeAdmin(perPartition: number) {
  const batchOf = (partition: number, offsets: readonly number[]): IncomingChunk => ({
    topic: 't',
    partition,
    highWatermark: BigInt(perPartition),
    messages: offsets.map((offset) => ({
      offset: BigInt(offset),
      key: null,
      value: Buffer.from(encode(offset === 1 ? 'rsi_oversold' : 'golden_cross')),
      headers: {},
      timestampMs: offset,
    })),
    heartbeat: () => Promise.resolve(),
    isRunning: () => true,
  });
  return {
    offsets: () => Promise.resolve([0, 1].map((partition) => ({ partition, low: 0n, high: BigInt(perPartition) }))),
    offsetsAt: (_topic: string, atMs: number) =>
      Promise.resolve([0, 1].map((partition) => ({ partition, offset: BigInt(Math.min(atMs, perPartition)) }))),
    readRange: async (
      _topic: string,
      ranges: readonly PartitionOffsets[],
      onBatch: (batch: IncomingChunk) => void | Promise<void>,
      options: { signal?: AbortSignal | undefined } = {},
    ) => {
      let count = 0;
      for (const { partition, low, high } of ranges) {
        for (let offset = Number(low); offset < Number(high) && options.signal?.aborted !== true; offset += 2) {
          const offsets = [offset, offset + 1].filter((one) => one < Number(high));
          await onBatch(batchOf(partition, offsets));
          count += offsets.length;
        }
      }
      return count;
    },
  };
}

function encode(signal_type: string): string {
  const { signalId, tickers } = buildSignal();
  return JSON.stringify({ signal_id: signalId, signal_type, source: 'x', timestamp: 1, tickers, schema_version: 1 });
}
const read = (limits: Partial<SignalLogLimits>, span = { warmUpFrom: 0, from: 0, to: 10 }, perPartition = 10) =>
  createSignalLog({ admin: fakeAdmin(perPartition), topic: 't', limits: { ...LIMITS, ...limits } }).read(
    span,
    ({ signalType }) => signalType === 'golden_cross',
  );

describe('reading recorded signals', () => {
  it('returns the matching signals of a range in append order across partitions', async () => {
    const slice = await read({}, { warmUpFrom: 0, from: 4, to: 8 });
    expect(slice.records.map(({ appendedAtMs }) => appendedAtMs)).toEqual([0, 0, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]);
    expect(slice).toMatchObject({ read: 16, until: 8, truncatedBy: null });
    expect(slice.ranges).toEqual([0, 1].map((partition) => ({ partition, low: 4n, high: 8n })));
  });

  it('ends where the least advanced partition ends, and reports the truncation', async () => {
    // Partition 0 is read to its end, partition 1 to its offset 4.
    const slice = await read({ maxRecords: 14 });
    expect(slice).toMatchObject({ read: 14, until: 3, truncatedBy: 'records' });
    expect(Math.max(...slice.records.map(({ appendedAtMs }) => appendedAtMs))).toBe(2);
    expect(slice.ranges).toEqual([
      { partition: 0, low: 0n, high: 3n },
      { partition: 1, low: 0n, high: 3n },
    ]);
  });

  it('keeps no more signals than its limit', async () => {
    expect(await read({ maxMatches: 3 })).toMatchObject({ until: 0, records: [], truncatedBy: 'matches' });
  });

  it('throws UNAVAILABLE when Kafka fails, and rethrows every other error', async () => {
    const failing = (error: Error) =>
      createSignalLog({
        admin: { ...fakeAdmin(1), offsets: () => Promise.reject(error) },
        topic: 't',
        limits: LIMITS,
      }).read({ warmUpFrom: 0, from: 0, to: 1 }, () => true);
    await expect(failing(new MessagingError('connection', 'gone'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { kafka: 'connection' },
    });
    await expect(failing(new TypeError('a mistake of ours'))).rejects.toThrow(TypeError);
  });

  it('throws UNAVAILABLE when Kafka does not answer', async () => {
    jest.useFakeTimers();
    const silent = createSignalLog({
      admin: { ...fakeAdmin(1), offsets: () => new Promise<never>(() => undefined) },
      topic: 't',
      limits: { ...LIMITS, maxMs: 100 },
    });
    const reading = expect(silent.read({ warmUpFrom: 0, from: 0, to: 1 }, () => true)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { kafka: 'timeout' },
    });
    await jest.advanceTimersByTimeAsync(5_000);
    await reading;
    jest.useRealTimers();
  });
});
