import { decodeSignal, toSignalMessage } from '@tripline/contracts';
import type { Signal } from '@tripline/triggers';

import { chance, LOAD_TICKERS, plannedRecords, plannedSignal } from './load-plan';

const encode = (signal: Signal): string => JSON.stringify(toSignalMessage(signal));
const bufferOf = (value: Buffer | string): Buffer => Buffer.from(value);

describe('the planned load', () => {
  it('depends only on the seed', () => {
    expect(plannedRecords(1, 0, 50, encode)).toEqual(plannedRecords(1, 0, 50, encode));
    expect(plannedSignal(1, 7).signalId).not.toBe(plannedSignal(2, 7).signalId);
  });

  it('contains every signal, about one in a hundred twice, and one poison record per two hundred', () => {
    const records = plannedRecords(3, 0, 20_000, encode);
    const decoded = records.map(({ value }) => decodeSignal(bufferOf(value)));
    const ids = decoded.flatMap((result) => (result.ok ? [result.signal.signalId] : []));
    const wanted = Array.from({ length: 20_000 }, (_, n) => plannedSignal(3, n).signalId);
    expect(new Set(ids)).toEqual(new Set(wanted));
    expect((ids.length - 20_000) / 20_000).toBeCloseTo(0.01, 2);
    expect((records.length - ids.length) / 20_000).toBeCloseTo(0.005, 2);
  });

  it('reaches every ticker', () => {
    const seen = new Set(Array.from({ length: 5_000 }, (_, n) => plannedSignal(5, n).tickers[0]?.ticker));
    expect(seen.size).toBe(LOAD_TICKERS.length);
  });

  it('draws uniformly', () => {
    const values = Array.from({ length: 10_000 }, (_, n) => chance(1, n));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean).toBeCloseTo(0.5, 1);
    expect(values.filter((value) => value < 0.1).length / values.length).toBeCloseTo(0.1, 1);
  });
});
