import { describeWithSharedData, readSharedText, readVegaCsv } from '@tripline/testing';
import { BarParseError } from './bar-parse-error';
import type { BarSeries } from './bar-series';
import { parseOhlcvCsv, type ParseOhlcvOptions } from './parse-ohlcv-csv';

function parseOne(lines: readonly string[], options: ParseOhlcvOptions = { ticker: 'X' }): BarSeries {
  const series = parseOhlcvCsv(lines.join('\n'), options);
  expect(series).toHaveLength(1);
  return series[0] as BarSeries;
}

const HEADER = 'date,open,high,low,close,volume';

describe('parseOhlcvCsv', () => {
  it('reads a daily bar as UTC midnight to next midnight', () => {
    const { ticker, timeframe, bars } = parseOne([HEADER, '2000-01-03,10,12,9,11,500', '2000-01-04,11,11,8,9,0']);
    expect({ ticker, timeframe }).toEqual({ ticker: 'X', timeframe: '1d' });
    expect(bars[0]).toEqual({
      start: Date.UTC(2000, 0, 3),
      end: Date.UTC(2000, 0, 4),
      open: 10,
      high: 12,
      low: 9,
      close: 11,
      volume: 500,
    });
  });

  it('finds columns in any order, case and spelling, and ignores others', () => {
    const { bars } = parseOne(
      ['\uFEFFVolume,Adj Close, Close ,LOW,High,Open,Note,Timestamp', '7,1,2,1,3,2.5,"a,b",2020-05-01T14:30:00Z'],
      {
        ticker: 'X',
        timeframe: '1h',
      },
    );
    expect(bars[0]).toMatchObject({
      open: 2.5,
      high: 3,
      low: 1,
      close: 2,
      volume: 7,
      start: Date.UTC(2020, 4, 1, 14, 30),
    });
  });

  it('splits a file by its symbol column and makes flat bars of a lone price', () => {
    const text =
      'symbol,date,price\nMSFT,Jan 1 2000,39.81\nIBM,Jan 1 2000,100.52\nMSFT,Feb 1 2000,36.35\nIBM,Feb 1 2000,92.11';
    const series = parseOhlcvCsv(text);
    expect(series.map(({ ticker, timeframe, bars }) => [ticker, timeframe, bars.length])).toEqual([
      ['MSFT', '1mo', 2],
      ['IBM', '1mo', 2],
    ]);
    expect(series[0]?.bars[1]).toEqual({
      start: Date.UTC(2000, 1, 1),
      end: Date.UTC(2000, 2, 1),
      open: 36.35,
      high: 36.35,
      low: 36.35,
      close: 36.35,
      volume: 0,
    });
  });

  it.each([
    ['date', '2000-01-03', Date.UTC(2000, 0, 3)],
    ['date', '2000/1/3', Date.UTC(2000, 0, 3)],
    ['date', 'Jan 3 2000', Date.UTC(2000, 0, 3)],
    ['date', '"January 3, 2000"', Date.UTC(2000, 0, 3)],
    ['date', '3 Jan 2000', Date.UTC(2000, 0, 3)],
    ['timestamp', '2000-01-03 09:30:00', Date.UTC(2000, 0, 3, 9, 30)],
    ['timestamp', '2000-01-03T09:30:00.250000', Date.UTC(2000, 0, 3, 9, 30, 0, 250)],
    ['timestamp', '2000-01-03T09:30:00-05:00', Date.UTC(2000, 0, 3, 14, 30)],
    ['datetime', '2000-01-03T09:30Z', Date.UTC(2000, 0, 3, 9, 30)],
    ['time', '946891800', Date.UTC(2000, 0, 3, 9, 30)],
    ['timestamp', '946891800000', Date.UTC(2000, 0, 3, 9, 30)],
    ['open_time_ms', '946891800000', Date.UTC(2000, 0, 3, 9, 30)],
    ['epoch', '86400', 86_400_000],
    ['', '2000-01-03', Date.UTC(2000, 0, 3)],
  ])('reads the time column "%s" with %s', (column, cell, expected) => {
    const { bars } = parseOne([`${column},close`, `${cell},1`], { ticker: 'X', timeframe: '1m' });
    expect(bars[0]?.start).toBe(expected);
  });

  it('joins a date and a time-of-day column, and shifts bars stamped at their end', () => {
    const rows = ['Date,Time,Close', '2006-01-02,09:05:00,1', '2006-01-02,09:10:00,2'];
    const { timeframe, bars } = parseOne(rows, { ticker: 'X', stampedAt: 'end' });
    expect(timeframe).toBe('5m');
    expect(bars[0]).toMatchObject({ start: Date.UTC(2006, 0, 2, 9, 0), end: Date.UTC(2006, 0, 2, 9, 5) });
  });

  it('sorts rows that are stored newest first', () => {
    const { bars } = parseOne([HEADER, '2000-01-04,1,1,1,1,0', '2000-01-03,2,2,2,2,0']);
    expect(bars.map((bar) => bar.close)).toEqual([2, 1]);
  });

  it('scales the whole bar when adjusted prices are requested', () => {
    const { bars } = parseOne(
      ['date,open,high,low,close,adj close', '2000-01-03,10,20,5,20,10', '2000-01-04,1,1,1,1,1'],
      {
        ticker: 'X',
        adjusted: true,
      },
    );
    expect(bars[0]).toMatchObject({ open: 5, high: 10, low: 2.5, close: 10 });
  });

  it('collects invalid rows separately, each with line and reason', () => {
    const { bars, rejected } = parseOne([
      HEADER,
      '2000-01-03,10,12,9,11,500',
      '2000-01-04,10,10.5,9,11,500',
      '2000-01-05,10,12,10.5,11,500',
      '2000-01-06,0,12,0,11,500',
      '2000-01-07,10,12,9,11,-1',
      '2000-01-03,99,99,99,99,1',
      '2000-01-08,10,12,9,11,500',
    ]);
    expect(bars).toHaveLength(2);
    expect(rejected).toEqual([
      { line: 7, kind: 'conflicting_repeat', reason: 'same time as line 2, other values' },
      { line: 3, kind: 'contradictory_ohlc', reason: 'high 10.5 is below open 10 or close 11' },
      { line: 4, kind: 'contradictory_ohlc', reason: 'low 10.5 is above open 10 or close 11' },
      { line: 5, kind: 'price_not_positive', reason: 'a price is not above 0' },
      { line: 6, kind: 'negative_volume', reason: 'volume -1 is negative' },
    ]);
  });
});

describe('errors of parseOhlcvCsv', () => {
  it.each([
    ['an empty file', '', 'line 1: the file is empty: it needs a header row'],
    ['no time column', 'open,close\n1,2', 'line 1: the header has no time column'],
    ['no price column', 'date,open\n2000-01-03,2', 'line 1: the header has no price column'],
    [
      'two columns for one field',
      'date,close,price\n2000-01-03,1,1',
      'line 1, column "price": columns "close" and "price" have the same meaning',
    ],
    [
      'an unreadable number',
      `${HEADER}\n2000-01-03,1,1,1,1,1\n2000-01-04,1,1,1,abc,1`,
      'line 3, column "close": "abc" is not a number',
    ],
    ['an empty number', `${HEADER}\n2000-01-03,1,1,,1,1`, 'line 2, column "low": "" is not a number'],
    ['a hexadecimal number', `${HEADER}\n2000-01-03,1,1,0x1,1,1`, 'line 2, column "low": "0x1" is not a number'],
    ['NaN', `${HEADER}\n2000-01-03,1,1,NaN,1,1`, 'line 2, column "low": "NaN" is not a number'],
    ['an ambiguous date', `${HEADER}\n1/2/2000,1,1,1,1,1`, 'line 2, column "date": "1/2/2000" is not a time'],
    [
      'a day that does not exist',
      `${HEADER}\n2001-02-29,1,1,1,1,1`,
      'line 2, column "date": "2001-02-29" is not a time',
    ],
    [
      'a row with too many fields',
      `${HEADER}\n2000-01-03,1,1,1,1,1,7`,
      'line 2: the row has 7 fields, but the header has 6',
    ],
    ['an unclosed quote', `${HEADER}\n"2000-01-03,1,1,1,1,1`, 'not well-formed CSV (CSV_QUOTE_NOT_CLOSED)'],
    ['an empty symbol', 'symbol,date,close\n,2000-01-03,1', 'line 2, column "symbol": the cell is empty'],
    ['one intraday row', 'date,close\n2000-01-03T09:30:00Z,1', 'line 2: one row is not enough to infer the timeframe'],
  ])('name line and column: %s', (_, text, message) => {
    const parse = (): unknown => parseOhlcvCsv(text, { ticker: 'X' });
    expect(parse).toThrow(BarParseError);
    expect(parse).toThrow(message);
  });

  it('report a file without a ticker', () => {
    expect(() => parseOhlcvCsv('date,close\n2000-01-03,1')).toThrow('line 2: there is no symbol column');
  });
});

describe('the bundled history', () => {
  it('holds the S&P 500 day by day, without a rejected row', () => {
    const [series] = parseOhlcvCsv(readVegaCsv('sp500-2000.csv'), { ticker: '^SPX' });
    expect(series).toMatchObject({ ticker: '^SPX', timeframe: '1d', rejected: [] });
    expect(series?.bars).toHaveLength(5105);
    expect(series?.bars.at(-1)).toMatchObject({ start: Date.UTC(2020, 3, 17), close: 2874.560059, volume: 5792140000 });
  });

  it('holds five stocks month by month', () => {
    const series = parseOhlcvCsv(readVegaCsv('stocks.csv'));
    expect(series.map(({ ticker, timeframe, bars }) => `${ticker} ${timeframe} ${bars.length}`).sort()).toEqual([
      'AAPL 1mo 123',
      'AMZN 1mo 123',
      'GOOG 1mo 68',
      'IBM 1mo 123',
      'MSFT 1mo 123',
    ]);
  });
});

describeWithSharedData('recorded files of many makers', () => {
  it.each([
    ['daily/spy-lean-raw-day.csv', '1d', 5849],
    ['daily/goog-lean-raw-day.csv', '1d', 4183],
    ['daily/goog-2004-2013.csv', '1d', 2148],
    ['daily/eurostoxx50-2006-day.csv', '1d', 255],
    ['daily/btcusd-2012-2024-monthly.csv', '1mo', 156],
    ['daily/btcusd-coinbase-2014-2018-day.csv', '1d', 1318],
    ['intraday/binance_xrpeth_1m_2019-10-11_13.csv', '1m', 3560],
    ['intraday/binance_xrpeth_5m_2019-10-11_13.csv', '5m', 712],
    ['intraday/coinbase-btcusd-2018-04-04_06-1min.csv', '1m', 3887],
    ['intraday/ftx-btc-perp-2022-01-1min.csv', '1m', 45031],
    ['intraday/eurusd-2017-2018-1h.csv', '1h', 5000],
    ['intraday/eurostoxx50-2006-01-5min.csv', '5m', 2142],
    ['intraday/spy-2013-10-07_11-1min.csv', '1m', 4128],
  ])('%s is read whole, at %s', (path, timeframe, count) => {
    const [series] = parseOhlcvCsv(readSharedText(path), { ticker: 'X' });
    expect(series?.timeframe).toBe(timeframe);
    expect(series?.rejected).toEqual([]);
    expect(series?.bars).toHaveLength(count);
  });

  it('with month-end stamps give bars that cover the month they end', () => {
    const [series] = parseOhlcvCsv(readSharedText('daily/btcusd-2012-2024-monthly.csv'), { ticker: 'BTC-USD' });
    expect(series?.bars[0]).toMatchObject({ start: Date.UTC(2012, 0, 1), end: Date.UTC(2012, 1, 1), close: 5.55 });
  });

  it('with a header that does not fit its rows are rejected', () => {
    const text = readSharedText('intraday/eurostoxx50fut-2006-01_02-1min-volume.csv');
    expect(() => parseOhlcvCsv(text, { ticker: 'X' })).toThrow('line 2: the row has 8 fields, but the header has 7');
  });
});
