import fc from 'fast-check';

import type { Bar } from './bar';
import { BarHistory } from './bar-history';

const bar = (start: number, end: number): Bar => ({ start, end, open: 1, high: 1, low: 1, close: 1, volume: 0 });

describe('BarHistory', () => {
  const history = new BarHistory([bar(0, 10), bar(10, 20), bar(30, 40)]);
  const starts = (bars: readonly Bar[]): number[] => bars.map(({ start }) => start);

  it('includes a bar from its end on, not before', () => {
    expect(starts(history.asOf(19, 5))).toEqual([0]);
    expect(starts(history.asOf(20, 5))).toEqual([0, 10]);
  });

  it('gives the latest `count` bars, oldest first', () => {
    expect(starts(history.asOf(100, 2))).toEqual([10, 30]);
    expect(history.asOf(100, 0)).toEqual([]);
    expect(history.asOf(-1, 3)).toEqual([]);
  });

  it('finds the first bar that starts at or after a time', () => {
    expect(history.nextAfter(10)?.start).toBe(10);
    expect(history.nextAfter(11)?.start).toBe(30);
    expect(history.nextAfter(31)).toBeNull();
  });

  it('rejects bars out of order', () => {
    expect(() => new BarHistory([bar(10, 20), bar(0, 10)])).toThrow(RangeError);
    expect(() => new BarHistory([bar(0, 10), bar(0, 10)])).toThrow(RangeError);
  });

  it('agrees with a linear search for any spacing', () => {
    const series = fc.uniqueArray(fc.nat(500), { maxLength: 40 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(series, fc.integer({ min: -5, max: 520 }), fc.nat(10), (list, time, count) => {
        const bars = list.map((start) => bar(start, start + 7));
        const closed = bars.filter(({ end }) => end <= time);
        const subject = new BarHistory(bars);
        expect(subject.asOf(time, count)).toEqual(count === 0 ? [] : closed.slice(-count));
        expect(subject.nextAfter(time)).toEqual(bars.find(({ start }) => start >= time) ?? null);
      }),
    );
  });
});
