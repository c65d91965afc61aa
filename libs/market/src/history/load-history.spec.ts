import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BarHistory } from '../bars/bar-history';
import { countRejected } from '../bars/bar-series';
import { describeHistory, type HistoryFacts } from './describe-history';
import { HistoryFileError } from './history-file-error';
import { defaultHistoryFiles, parseHistoryFile } from './history-files';
import type { HistorySeries } from './history-series';
import { loadHistory } from './load-history';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 0, 10);
const HEADER = 'date,open,high,low,close,volume';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tripline-history-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

function write(name: string, lines: readonly string[]): string {
  const path = join(dir, name);
  writeFileSync(path, lines.join('\n'));
  return path;
}

/** One row per day. The price is derived from the day, so two files agree about each day. */
function days(from: string, to: string): string[] {
  const rows: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) {
    const price = 100 + ((at / DAY_MS) % 50);
    rows.push(`${new Date(at).toISOString().slice(0, 10)},${price},${price + 2},${price - 2},${price + 1},10`);
  }
  return rows;
}

const load = (...entries: string[]) => loadHistory({ files: entries.map(parseHistoryFile), now: NOW });
const only = (history: HistorySeries[]): HistorySeries => {
  expect(history).toHaveLength(1);
  return history[0] as HistorySeries;
};
const faultOf = async (...entries: string[]) => {
  const error: unknown = await load(...entries).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(HistoryFileError);
  return (error as HistoryFileError).message;
};

describe('several files of one ticker', () => {
  it('are one series, so that no bar of the earlier file is lost', async () => {
    const first = write('h1.csv', [HEADER, ...days('2020-01-01', '2020-04-30')]);
    const second = write('h2.csv', [HEADER, ...days('2020-05-01', '2020-06-30')]);
    for (const order of [
      [`X=${first}`, `X=${second}`],
      [`X=${second}`, `X=${first}`],
    ]) {
      const { bars, rejected, gaps, timeframe } = only(await load(...order));
      expect({ timeframe, rejected, gaps }).toEqual({ timeframe: '1d', rejected: [], gaps: [] });
      const history = new BarHistory(bars);
      expect(history.asOf(Date.UTC(2020, 3, 20), 1000)).toHaveLength(110);
      expect(history.asOf(Date.UTC(2020, 5, 10), 1000)).toHaveLength(161);
    }
  });

  it('count the days they share as exact repeats', async () => {
    const first = write('o1.csv', [HEADER, ...days('2020-01-01', '2020-01-31')]);
    const second = write('o2.csv', [HEADER, ...days('2020-01-29', '2020-02-28')]);
    const series = only(await load(`X=${first}`, `X=${second}`));
    expect(series.bars).toHaveLength(59);
    expect(countRejected(series.rejected)).toEqual({ exact_repeat: 3 });
    expect(series.rejected[0]).toEqual({
      file: second,
      line: 2,
      kind: 'exact_repeat',
      reason: `repeats line 30 of ${first}`,
    });
  });

  it('report a gap between them, but not a weekend', async () => {
    const isWeekday = (row: string) => ![0, 6].includes(new Date(row.slice(0, 10)).getUTCDay());
    const rows = (from: string, to: string) => [HEADER, ...days(from, to).filter(isWeekday)];
    const files = [
      write('g1.csv', rows('2020-01-01', '2020-01-31')),
      write('g2.csv', rows('2020-02-01', '2020-02-28')),
      write('g3.csv', rows('2020-05-01', '2020-05-29')),
    ];
    const series = only(await load(...files.map((path) => `X=${path}`)));
    expect(series.gaps).toEqual([{ from: Date.UTC(2020, 1, 28), to: Date.UTC(2020, 4, 1) }]);
    expect(describeHistory(series)).toContain('no bars between the files from 2020-02-28 to 2020-05-01');
  });

  it('may differ in the form of their times, and in the end of a bar they denote', async () => {
    const first = write('f1.csv', ['date,close', '20200101,1', '20200102,2', '20200103,3']);
    const second = write('f2.csv', ['unix,close', '1578182399999,4', '1578268799999,5']);
    const { bars, sources } = only(await load(`X=${first}`, `X=${second}`));
    expect(bars.map(({ start }) => new Date(start).getUTCDate())).toEqual([1, 2, 3, 4, 5]);
    expect(sources.map(({ timeForm, stampedAt }) => `${timeForm}, ${stampedAt}`)).toEqual([
      'YYYYMMDD numbers, start',
      'epoch milliseconds, end',
    ]);
  });

  it('are rejected when their timeframes differ', async () => {
    const daily = write('t1.csv', [HEADER, ...days('2020-01-01', '2020-01-31')]);
    const hours = Array.from({ length: 24 }, (_, hour) => `${new Date(Date.UTC(2020, 1, 1, hour)).toISOString()},1`);
    const hourly = write('t2.csv', ['date,close', ...hours]);
    expect(await faultOf(`X=${daily}`, `X=${hourly}`)).toBe(
      `cannot read bars from ${hourly}: its bars are 1h, those of the same ticker in ${daily} are 1d`,
    );
  });
});

describe('dropped rows', () => {
  const row = days('2020-01-01', '2020-01-01')[0] as string;
  const other = row.replace(/,10$/, ',11');

  it('are counted by reason, exact repeats apart from repeats with other values', async () => {
    const path = write('drop.csv', [
      HEADER,
      ...days('2020-01-01', '2020-01-10'),
      ...[row, row, other],
      '2020-01-11,10,9,8,10,1',
      '2020-01-12,0,9,8,10,1',
      '2020-01-13,9,9,9,9,-1',
    ]);
    const facts: HistoryFacts[] = [];
    const history = await loadHistory({
      files: [parseHistoryFile(`X=${path}`)],
      now: NOW,
      onLoaded: (one) => facts.push(one),
    });
    expect(only(history).bars).toHaveLength(10);
    expect(facts).toEqual([
      {
        ticker: 'X',
        timeframe: '1d',
        bars: 10,
        files: [path],
        dropped_rows: 6,
        dropped_by_reason: {
          exact_repeat: 2,
          conflicting_repeat: 1,
          contradictory_ohlc: 1,
          price_not_positive: 1,
          negative_volume: 1,
        },
        summary:
          'X 1d: 10 bars, 2020-01-01 to 2020-01-10; dates in "date", volume from "volume"; dropped 6 rows: ' +
          '2 exact repeats, 1 repeats with other values (the first row counts), 1 with contradictory prices, ' +
          '1 with a price not above 0, 1 with a negative volume',
      },
    ]);
  });

  it('leave the first row of a time in the series', async () => {
    const path = write('first.csv', [HEADER, row, ...days('2020-01-02', '2020-01-03'), other]);
    expect(only(await load(`X=${path}`)).bars[0]?.volume).toBe(10);
  });
});

describe('tickers', () => {
  it.each(['btc/usdt', 'BTC/USDT:USDT', 'M&M', 'BRK B'])(
    'that no signal may carry are rejected: %s',
    async (ticker) => {
      const path = write('tickers.csv', ['symbol,date,close', 'GOOG,2020-01-01,1', `${ticker},2020-01-01,1`]);
      expect(await faultOf(path)).toBe(
        `cannot read bars from ${path}: line 3, column "symbol": "${ticker}" is not a ticker: ` +
          'a ticker has 1 to 32 upper-case letters, digits or ^ . - _ / =',
      );
    },
  );

  it('are also checked in the setting', () => {
    expect(() => parseHistoryFile('M&M=/data/m.csv')).toThrow('"M&M" is not a ticker: a ticker has 1 to 32 upper-case');
    expect(() => parseHistoryFile('goog=goog.csv')).toThrow(RangeError);
  });

  it.each([
    ['GOOG=/data/goog.csv', 'GOOG', '/data/goog.csv'],
    ['CL=F=/data/cl.csv', 'CL=F', '/data/cl.csv'],
    ['BTC/USDT= data.csv', 'BTC/USDT', 'data.csv'],
    ['GOOG=/data/date=2020/goog.csv', 'GOOG', '/data/date=2020/goog.csv'],
    ['/data/date=2020/goog.csv', undefined, '/data/date=2020/goog.csv'],
    ['goog.csv', undefined, 'goog.csv'],
  ])('are separated from the path: %s', (entry, ticker, path) => {
    expect(parseHistoryFile(entry)).toEqual({ ticker, path });
  });
});

describe('a file that cannot be used', () => {
  it.each([
    ['a bad number', [HEADER, '2020-01-01,1,1,1,x,1'], 'line 2, column "close": "x" is not a number'],
    ['a bad time', [HEADER, 'soon,1,1,1,1,1'], 'line 2, column "date": "soon" is not a time'],
    ['no rows', [HEADER], 'line 1: the file has a header but no rows'],
    ['nothing at all', [''], 'line 1: the file is empty: it needs a header row'],
  ])('is named with line, column and rule: %s', async (_title, lines, message) => {
    const path = write('bad.csv', lines);
    const fault = await faultOf(`X=${path}`);
    expect(fault).toContain(`cannot read bars from ${path}: ${message}`);
    expect(fault).not.toContain('\n');
  });

  it('is named when a bar lies in the future, although only the whole series shows it', async () => {
    const good = write('good.csv', [HEADER, ...days('2026-01-01', '2026-01-05')]);
    const late = write('late.csv', [HEADER, ...days('2026-01-06', '2026-01-13')]);
    expect(await faultOf(`X=${good}`, `X=${late}`)).toContain(`cannot read bars from ${late}: line 8, column "date"`);
  });

  it('is named when it is missing, a folder, or has no ticker', async () => {
    expect(await faultOf(`X=${dir}/none.csv`)).toBe(`cannot read bars from ${dir}/none.csv: file not found`);
    expect(await faultOf(`X=${dir}`)).toBe(`cannot read bars from ${dir}: it is a folder, not a file`);
    const path = write('anonymous.csv', ['date,close', '2020-01-01,1']);
    expect(await faultOf(path)).toContain('line 2: there is no symbol column: put the ticker before the file');
  });
});

describe('the bundled history', () => {
  it('is read whole, without a dropped row', async () => {
    const history = await loadHistory({ files: defaultHistoryFiles(), now: NOW });
    expect(history.map(({ ticker, bars, rejected }) => [ticker, bars.length, rejected.length])).toEqual([
      ['^SPX', 5105, 0],
      ['MSFT', 123, 0],
      ['AMZN', 123, 0],
      ['IBM', 123, 0],
      ['GOOG', 68, 0],
      ['AAPL', 123, 0],
    ]);
  });
});
