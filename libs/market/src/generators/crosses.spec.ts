import { describeWithSharedData, readSharedJson, readSharedText, readVegaCsv } from '@tripline/testing';
import type { Bar } from '../bars/bar';
import { createMockBars } from '../bars/mock-bars';
import { parseOhlcvCsv, type ParseOhlcvOptions } from '../bars/parse-ohlcv-csv';
import { createGenerators } from './create-generators';

interface Cross {
  readonly date: string;
  readonly type: string;
}

interface ExpectedCrosses {
  readonly series: Readonly<Record<string, readonly Cross[]>>;
}

function barsOf(text: string, options: ParseOhlcvOptions = {}): readonly Bar[] {
  const [series] = parseOhlcvCsv(text, { ticker: 'X', ...options });
  expect(series?.rejected).toEqual([]);
  return series?.bars ?? [];
}

function crossesOf(bars: readonly Bar[]): Cross[] {
  const generators = createGenerators({ names: ['golden_cross', 'death_cross'] });
  return bars.flatMap((bar) =>
    generators.flatMap((generator) => {
      const signal = generator.onBar(bar);
      return signal === null ? [] : [{ date: dateOf(bar), type: signal.signalType }];
    }),
  );
}

/** The definition, word for word: both averages summed afresh at every bar, in whole millionths of a dollar. */
function naiveCrossesOf(bars: readonly Bar[]): Cross[] {
  const closes = bars.map((bar) => BigInt(Math.round(bar.close * 1e6)));
  const sum = (from: number, to: number): bigint => closes.slice(from, to).reduce((total, close) => total + close, 0n);
  // 4 * sum of 50 against the sum of 200: the sign of SMA50 - SMA200, exactly.
  const difference = (index: number): bigint => 4n * sum(index - 49, index + 1) - sum(index - 199, index + 1);
  const crosses: Cross[] = [];
  for (let index = 200; index < bars.length; index += 1) {
    const [before, now] = [difference(index - 1), difference(index)];
    const date = dateOf(bars[index] as Bar);
    if (before <= 0n && now > 0n) crosses.push({ date, type: 'golden_cross' });
    if (before >= 0n && now < 0n) crosses.push({ date, type: 'death_cross' });
  }
  return crosses;
}

function dateOf(bar: Bar): string {
  return new Date(bar.start).toISOString().slice(0, 10);
}

describe('golden and death crosses of the S&P 500, 2000-01-03 to 2020-04-17', () => {
  const bars = barsOf(readVegaCsv('sp500-2000.csv'));

  it('fall on these days', () => {
    expect(bars).toHaveLength(5105);
    expect(crossesOf(bars).map(({ date, type }) => `${date} ${type}`)).toEqual([
      '2000-10-30 death_cross',
      '2003-05-14 golden_cross',
      '2004-08-18 death_cross',
      '2004-11-05 golden_cross',
      '2006-07-19 death_cross',
      '2006-09-12 golden_cross',
      '2007-12-21 death_cross',
      '2009-06-23 golden_cross',
      '2010-07-02 death_cross',
      '2010-10-22 golden_cross',
      '2011-08-12 death_cross',
      '2012-01-31 golden_cross',
      '2015-08-28 death_cross',
      '2015-12-21 golden_cross',
      '2016-01-11 death_cross',
      '2016-04-25 golden_cross',
      '2018-12-07 death_cross',
      '2019-04-01 golden_cross',
      '2020-03-30 death_cross',
    ]);
  });

  it('are those of the definition computed afresh at every bar in exact arithmetic', () => {
    expect(crossesOf(bars)).toEqual(naiveCrossesOf(bars));
  });
});

describe('golden and death crosses of random series', () => {
  it.each([1, 2, 3, 4, 5])('are those of the definition: seed %i', (seed) => {
    const mock = createMockBars({ seed, ticker: 'MOCK-01', timeframeMs: 86_400_000, startMs: 0 });
    const bars = Array.from({ length: 2_000 }, (_, index) => mock.barAt(index));
    const crosses = naiveCrossesOf(bars);
    expect(crosses.length).toBeGreaterThan(5);
    expect(crossesOf(bars)).toEqual(crosses);
  });
});

describeWithSharedData('golden and death crosses of five reference series', () => {
  const { series } = readSharedJson<ExpectedCrosses>('expected/indicators/golden_death_crosses_computed.json');

  it.each(Object.keys(series))('%s: every cross on its day, and no other', (key) => {
    const [path, column] = key.split('#') as [string, string];
    const bars = barsOf(readSharedText(path), { adjusted: column === 'Adj Close' });
    const expected = (series[key] as readonly Cross[]).map(({ date, type }) => ({ date, type }));
    expect(crossesOf(bars)).toEqual(expected);
  });
});
