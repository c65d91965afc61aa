import fc from 'fast-check';

import { Atr, TrueRange } from './atr';
import { BollingerBands } from './bollinger-bands';
import { Donchian } from './donchian';
import { Ema } from './ema';
import { type Indicator } from './indicator';
import { Macd } from './macd';
import { Rsi } from './rsi';
import { Sma } from './sma';
import { StandardDeviation } from './standard-deviation';
import { VolumeStats } from './volume-stats';

/** Expected values here are worked by hand from the formulas in the docstrings. */
function run<Input, Output>(indicator: Indicator<Input, Output>, inputs: readonly Input[]): (Output | null)[] {
  return inputs.map((input) => indicator.update(input));
}

const prices = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 120 });
const periods = fc.integer({ min: 1, max: 30 });

describe('Sma', () => {
  it('is the mean of the last n values and null before there are n', () => {
    expect(run(new Sma(3), [1, 2, 3, 4, 8])).toEqual([null, null, 2, 3, 5]);
  });

  it('gives a flat series exactly its own value, whatever the period', () => {
    for (const period of [3, 50, 200]) {
      expect(new Set(run(new Sma(period), Array<number>(450).fill(0.1)).slice(period - 1))).toEqual(new Set([0.1]));
    }
  });

  it('equals the naive mean of every window', () => {
    fc.assert(
      fc.property(prices, periods, (values, period) => {
        run(new Sma(period), values).forEach((actual, index) => {
          if (index < period - 1) return expect(actual).toBeNull();
          const window = values.slice(index - period + 1, index + 1);
          const naive = window.reduce((sum, value) => sum + value, 0) / period;
          return expect(Math.abs((actual as number) - naive)).toBeLessThanOrEqual(1e-12 * Math.max(...window));
        });
      }),
    );
  });
});

describe('Ema', () => {
  it('is seeded with the mean of the first n values and then moves by 2 / (n + 1) of the distance', () => {
    expect(run(new Ema(3), [1, 2, 6, 5, 1])).toEqual([null, null, 3, 4, 2.5]);
  });
});

describe('StandardDeviation', () => {
  it('divides by n, not n - 1', () => {
    expect(run(new StandardDeviation(8), [2, 4, 4, 4, 5, 5, 7, 9]).at(-1)).toBeCloseTo(2, 14);
  });

  it('stays precise where the mean of squares would not', () => {
    const shifted = [2, 4, 4, 4, 5, 5, 7, 9].map((value) => value + 1e9);
    expect(run(new StandardDeviation(8), [...shifted, ...shifted, ...shifted]).at(-1)).toBeCloseTo(2, 7);
  });

  it('is unaffected by an outlier that has left the window', () => {
    expect(run(new StandardDeviation(2), [1e15, 1, 3]).at(-1)).toBe(1);
  });

  it('equals the two-pass formula on every window', () => {
    fc.assert(
      fc.property(prices, periods, (values, period) => {
        run(new StandardDeviation(period), values).forEach((actual, index) => {
          if (actual === null) return;
          const window = values.slice(index - period + 1, index + 1);
          const mean = window.reduce((sum, value) => sum + value, 0) / period;
          const naive = Math.sqrt(window.reduce((sum, value) => sum + (value - mean) ** 2, 0) / period);
          expect(Math.abs(actual - naive)).toBeLessThanOrEqual(1e-9 * Math.max(...window));
        });
      }),
    );
  });
});

describe('Rsi', () => {
  it('takes n changes to warm up and then smooths as Wilder does', () => {
    // Changes +1, -1, then +2: averages (0.5, 0.5), then ((0.5 + 2) / 2, 0.5 / 2) = (1.25, 0.25).
    const values = run(new Rsi(2), [10, 11, 10, 12]);
    expect(values.slice(0, 3)).toEqual([null, null, 50]);
    expect(values[3]).toBeCloseTo((100 * 1.25) / 1.5, 12);
  });

  it('is 100 without losses, 0 without gains and 50 without any change', () => {
    expect(run(new Rsi(2), [1, 2, 3]).at(-1)).toBe(100);
    expect(run(new Rsi(2), [3, 2, 1]).at(-1)).toBe(0);
    expect(run(new Rsi(2), [5, 5, 5]).at(-1)).toBe(50);
  });
});

describe('Macd', () => {
  it('seeds both averages with windows that end at the same value', () => {
    // Periods 2/3/2. Slow EMA: seed (1+2+6)/3 = 3, then 4, 2.5. Fast EMA ignores 1: seed (2+6)/2 = 4, then 4 2/3, 2 2/9.
    const values = run(new Macd(2, 3, 2), [1, 2, 6, 5, 1]);
    expect(values.slice(0, 3)).toEqual([null, null, null]);
    expect(values[3]?.macd).toBeCloseTo(2 / 3, 14);
    expect(values[3]?.signal).toBeCloseTo((1 + 2 / 3) / 2, 14);
    expect(values[4]?.macd).toBeCloseTo(2 + 2 / 9 - 2.5, 14);
    expect(values[4]?.signal).toBeCloseTo(5 / 6 + (2 / 3) * (-5 / 18 - 5 / 6), 14);
    expect(values[4]?.histogram).toBeCloseTo(-5 / 18 - (5 / 6 + (2 / 3) * (-5 / 18 - 5 / 6)), 14);
  });

  it('has its first value at index 33 with the default periods', () => {
    const values = run(
      new Macd(),
      Array.from({ length: 40 }, (_, index) => index),
    );
    expect(values.findIndex((value) => value !== null)).toBe(33);
  });

  it('rejects a fast period that is not below the slow one', () => {
    expect(() => new Macd(26, 12)).toThrow(RangeError);
  });
});

describe('TrueRange and Atr', () => {
  const bars = [
    { high: 10, low: 8, close: 9 },
    { high: 12, low: 11, close: 11 },
    { high: 11, low: 7, close: 8 },
    { high: 9, low: 8, close: 9 },
  ];

  it('measures from the previous close and has no value for the first bar', () => {
    expect(run(new TrueRange(), bars)).toEqual([null, 3, 4, 1]);
  });

  it('averages as Wilder does, first at index n', () => {
    expect(run(new Atr(2), bars)).toEqual([null, null, 3.5, 2.25]);
  });
});

describe('BollingerBands', () => {
  it('lies k population standard deviations around the mean', () => {
    const value = run(new BollingerBands(8, 2), [2, 4, 4, 4, 5, 5, 7, 9]).at(-1);
    expect(value?.middle).toBe(5);
    expect(value?.upper).toBeCloseTo(9, 13);
    expect(value?.lower).toBeCloseTo(1, 13);
    expect(value?.percentB).toBeCloseTo(1, 13);
    expect(value?.bandwidth).toBeCloseTo(1.6, 13);
  });

  it('has no %B where the bands coincide', () => {
    expect(run(new BollingerBands(3), [0.3, 0.3, 0.3]).at(-1)).toMatchObject({
      upper: 0.3,
      lower: 0.3,
      percentB: null,
    });
  });
});

describe('Donchian', () => {
  it('spans the previous n bars without the current one', () => {
    const bars = [
      { high: 5, low: 3 },
      { high: 4, low: 2 },
      { high: 9, low: 1 },
      { high: 3, low: 3 },
    ];
    expect(run(new Donchian(2), bars)).toEqual([
      null,
      null,
      { upper: 5, lower: 2, middle: 3.5 },
      { upper: 9, lower: 1, middle: 5 },
    ]);
  });

  it('equals the naive extremes of every window', () => {
    fc.assert(
      fc.property(prices, periods, (values, period) => {
        const bars = values.map((value, index) => ({ high: value + (index % 3), low: value - (index % 5) }));
        run(new Donchian(period), bars).forEach((actual, index) => {
          if (index < period) return expect(actual).toBeNull();
          const window = bars.slice(index - period, index);
          return expect(actual).toMatchObject({
            upper: Math.max(...window.map((bar) => bar.high)),
            lower: Math.min(...window.map((bar) => bar.low)),
          });
        });
      }),
    );
  });
});

describe('VolumeStats', () => {
  it('returns mean and deviation of the previous n volumes, without the current one', () => {
    expect(run(new VolumeStats(2), [10, 14, 1000, 0])).toEqual([
      null,
      null,
      { mean: 12, standardDeviation: 2 },
      { mean: 507, standardDeviation: 493 },
    ]);
  });
});

describe('every indicator', () => {
  it('rejects NaN and infinities without changing its state', () => {
    const sma = new Sma(2);
    sma.update(1);
    expect(() => sma.update(NaN)).toThrow(RangeError);
    expect(sma.update(3)).toBe(2);
    expect(() => new Rsi(2).update(Infinity)).toThrow(RangeError);
    expect(() => new Macd().update(NaN)).toThrow(RangeError);
    expect(() => new Atr().update({ high: 1, low: NaN, close: 1 })).toThrow(RangeError);
    expect(() => new Donchian().update({ high: Infinity, low: 1 })).toThrow(RangeError);
  });

  it('rejects a period that is not a positive whole number', () => {
    for (const period of [0, -1, 1.5, NaN]) {
      expect(() => new Sma(period)).toThrow(RangeError);
      expect(() => new Ema(period)).toThrow(RangeError);
      expect(() => new Rsi(period)).toThrow(RangeError);
      expect(() => new Donchian(period)).toThrow(RangeError);
    }
  });
});
