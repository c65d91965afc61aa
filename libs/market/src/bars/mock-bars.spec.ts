import fc from 'fast-check';

import { barProblem } from './bar-series';
import { createMockBars } from './mock-bars';

const options = { seed: 7, ticker: 'MOCK-01', timeframeMs: 60_000, startMs: 1_700_000_000_000 };

describe('createMockBars', () => {
  it('gives the same bar for the same seed, ticker and index, in any order', () => {
    const forwards = Array.from({ length: 50 }, (_, index) => createMockBars(options).barAt(index));
    const mock = createMockBars(options);
    const backwards = Array.from({ length: 50 }, (_, index) => mock.barAt(49 - index)).reverse();
    expect(backwards).toEqual(forwards);
  });

  it('gives other bars for another seed or ticker', () => {
    const close = createMockBars(options).barAt(3).close;
    expect(createMockBars({ ...options, seed: 8 }).barAt(3).close).not.toBe(close);
    expect(createMockBars({ ...options, ticker: 'MOCK-02' }).barAt(3).close).not.toBe(close);
  });

  it('gives a valid bar at every index, also far and negative ones', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: -(10 ** 10), max: 10 ** 10 }), (seed, index) => {
        const mock = createMockBars({ ...options, seed });
        const bar = mock.barAt(index);
        expect(barProblem(bar)).toBeNull();
        expect(bar.volume).toBeGreaterThan(0);
        expect(bar.open).toBe(mock.barAt(index - 1).close);
        expect(bar.end).toBe(mock.barAt(index + 1).start);
        expect(mock.indexAt(bar.start)).toBe(index);
      }),
    );
  });

  it('never changes: these bars are pinned', () => {
    const mock = createMockBars(options);
    expect([0, 1, 100_000].map((index) => mock.barAt(index).close)).toEqual([86.2335, 86.3717, 102.7133]);
  });

  it('moves like a market: a few percent over an hour, within bounds over years', () => {
    const mock = createMockBars(options);
    const closes = Array.from({ length: 20_000 }, (_, index) => mock.barAt(index * 17).close);
    expect(Math.max(...closes) / Math.min(...closes)).toBeGreaterThan(1.2);
    expect(Math.max(...closes) / Math.min(...closes)).toBeLessThan(5);
  });

  it('can be read like a history: closed bars as of a time, then the next one', () => {
    const mock = createMockBars(options);
    const moment = options.startMs + 10 * 60_000;
    expect(mock.asOf(moment, 3)).toEqual([mock.barAt(7), mock.barAt(8), mock.barAt(9)]);
    expect(mock.asOf(moment + 59_999, 1)).toEqual([mock.barAt(9)]);
    expect(mock.nextAfter(moment)).toEqual(mock.barAt(10));
    expect(mock.nextAfter(moment + 1)).toEqual(mock.barAt(11));
  });

  it('rejects a timeframe or an index that is not a whole number', () => {
    expect(() => createMockBars({ ...options, timeframeMs: 0.5 })).toThrow(RangeError);
    expect(() => createMockBars(options).barAt(1.5)).toThrow(RangeError);
  });
});
