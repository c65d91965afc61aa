import { describeWithSharedData, readReference, readSharedJson, readSharedText, readVegaCsv } from '@tripline/testing';
import { Atr, type RangeInput, TrueRange } from './atr';
import { BollingerBands } from './bollinger-bands';
import { Ema } from './ema';
import { Macd } from './macd';
import { Rsi } from './rsi';
import { Sma } from './sma';
import { StandardDeviation } from './standard-deviation';

interface Regtest {
  readonly series: { readonly high: number[]; readonly low: number[]; readonly close: number[] };
  readonly tests: readonly {
    readonly indicator: string;
    readonly params: Readonly<Record<string, number>>;
    readonly index: number;
    readonly expected: number;
    readonly tolerance: number;
  }[];
}

type Column = (number | null | undefined)[];
type Params = Readonly<Record<string, number>>;

/** Columns by the names the reference file uses. */
const COMPUTE: Record<string, (bars: readonly RangeInput[], params: Params) => Column> = {
  SMA: (bars, { period = 0 }) => columnOf(new Sma(period), bars),
  EMA: (bars, { period = 0 }) => columnOf(new Ema(period), bars),
  RSI: (bars, { period = 0 }) => columnOf(new Rsi(period), bars),
  STDDEV: (bars, { period = 0 }) => columnOf(new StandardDeviation(period), bars),
  'MACD.macd': (bars, params) => macd(bars, params).map((value) => value?.macd),
  'MACD.signal': (bars, params) => macd(bars, params).map((value) => value?.signal),
  'MACD.hist': (bars, params) => macd(bars, params).map((value) => value?.histogram),
  'BBANDS.upper': (bars, params) => bands(bars, params).map((value) => value?.upper),
  'BBANDS.middle': (bars, params) => bands(bars, params).map((value) => value?.middle),
  'BBANDS.lower': (bars, params) => bands(bars, params).map((value) => value?.lower),
  ATR: (bars, { period = 0 }) => atr(bars, period),
  NATR: (bars, { period = 0 }) =>
    atr(bars, period).map((value, index) => (value == null ? null : (100 * value) / (bars[index]?.close ?? NaN))),
  TRANGE: (bars) => {
    const indicator = new TrueRange();
    return bars.map((bar) => indicator.update(bar));
  },
};

function columnOf(indicator: { update(value: number): number | null }, bars: readonly RangeInput[]): Column {
  return bars.map((bar) => indicator.update(bar.close));
}

function atr(bars: readonly RangeInput[], period: number): Column {
  const indicator = new Atr(period);
  return bars.map((bar) => indicator.update(bar));
}

function macd(bars: readonly RangeInput[], { fast = 0, slow = 0, signal = 0 }: Params) {
  const indicator = new Macd(fast, slow, signal);
  return bars.map((bar) => indicator.update(bar.close));
}

function bands(bars: readonly RangeInput[], { period = 0, k = 0 }: Params) {
  const indicator = new BollingerBands(period, k);
  return bars.map((bar) => indicator.update(bar.close));
}

interface TalibColumns {
  readonly days: number;
  readonly columns: readonly {
    readonly indicator: string;
    readonly params: Params;
    readonly values: Readonly<Record<string, number | null>>;
  }[];
}

describe('TA-Lib on 300 days of the S&P 500', () => {
  const { days, columns } = readReference<TalibColumns>('talib-sp500.json');
  const bars = readVegaCsv('sp500-2000.csv')
    .split('\n')
    .slice(1, days + 1)
    .map((line) => {
      const [, , high = NaN, low = NaN, close = NaN] = line.split(',').map(Number);
      return { high, low, close };
    });

  it.each(columns.map((column) => [column.indicator, JSON.stringify(column.params), column] as const))(
    'agrees with %s %s, warm-up included, to 1e-9',
    (indicator, _, { params, values }) => {
      const actual = COMPUTE[indicator]?.(bars, params) ?? [];
      const misses = Object.entries(values).filter(([index, expected]) => {
        const value = actual[Number(index)] ?? null;
        return expected === null || value === null
          ? value !== expected
          : !(Math.abs(value - expected) <= 1e-9 * Math.max(1, Math.abs(expected)));
      });
      expect(misses).toEqual([]);
      expect(Object.keys(values).length).toBeGreaterThan(80);
    },
  );
});

describeWithSharedData("TA-Lib's published regression values", () => {
  it('are reproduced, all of them, at the index and within the tolerance they are published with', () => {
    const { series, tests } = readSharedJson<Regtest>('expected/indicators/talib_regtest.json');
    const bars = series.close.map((close, index) => ({
      close,
      high: series.high[index] as number,
      low: series.low[index] as number,
    }));
    expect(tests).toHaveLength(44);
    const misses = tests.filter(({ indicator, params, index, expected, tolerance }) => {
      const actual = COMPUTE[indicator]?.(bars, params)[index];
      return typeof actual !== 'number' || !(Math.abs(actual - expected) <= tolerance);
    });
    expect(misses).toEqual([]);
  });
});

describeWithSharedData('full-precision columns of the same series', () => {
  const GOLDENS: Record<string, [indicator: string, params: Params]> = {
    sma10: ['SMA', { period: 10 }],
    sma30: ['SMA', { period: 30 }],
    ema10: ['EMA', { period: 10 }],
    ema12: ['EMA', { period: 12 }],
    ema26: ['EMA', { period: 26 }],
    rsi14: ['RSI', { period: 14 }],
    macd: ['MACD.macd', { fast: 12, slow: 26, signal: 9 }],
    macd_signal: ['MACD.signal', { fast: 12, slow: 26, signal: 9 }],
    macd_hist: ['MACD.hist', { fast: 12, slow: 26, signal: 9 }],
    trange: ['TRANGE', {}],
    atr14: ['ATR', { period: 14 }],
    bb_upper20_2: ['BBANDS.upper', { period: 20, k: 2 }],
    bb_middle20_2: ['BBANDS.middle', { period: 20, k: 2 }],
    bb_lower20_2: ['BBANDS.lower', { period: 20, k: 2 }],
    stddev5_pop: ['STDDEV', { period: 5 }],
  };

  it.each(Object.keys(GOLDENS))('match %s at every index, warm-up included, to 1e-10', (name) => {
    const lines = readSharedText('expected/indicators/talib_sref252_goldens.csv').trim().split('\n');
    const header = (lines[0] as string).split(',');
    const rows = lines.slice(1).map((line) => line.split(','));
    const cell = (row: string[], column: string): string => row[header.indexOf(column)] ?? '';
    const bars = rows.map((row) => ({
      high: Number(cell(row, 'high')),
      low: Number(cell(row, 'low')),
      close: Number(cell(row, 'close')),
    }));
    const [indicator, params] = GOLDENS[name] as [string, Params];
    const actual = COMPUTE[indicator]?.(bars, params) ?? [];
    expect(actual).toHaveLength(252);
    rows.forEach((row, index) => {
      const golden = cell(row, name);
      if (golden === '') expect(actual[index] ?? null).toBeNull();
      else expect(Math.abs((actual[index] as number) - Number(golden))).toBeLessThan(1e-10);
    });
  });
});
