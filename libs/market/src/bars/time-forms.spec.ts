import { BarParseError } from './bar-parse-error';
import type { BarSeries } from './bar-series';
import { parseOhlcvCsv, type ParseOhlcvOptions } from './parse-ohlcv-csv';
import { readOhlcvRows } from './read-ohlcv-rows';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** A file of a time column, or several, and a close. */
function read(header: string, times: readonly string[], options: ParseOhlcvOptions = {}): BarSeries {
  const lines = [`${header},close`, ...times.map((time, index) => `${time},${index + 1}`)];
  const [series, ...others] = parseOhlcvCsv(lines.join('\n'), { ticker: 'X', ...options });
  expect(others).toEqual([]);
  return series as BarSeries;
}

const startsOf = ({ bars }: BarSeries): string[] => bars.map(({ start }) => new Date(start).toISOString().slice(0, 16));

describe('dates written as numbers', () => {
  it.each(['Timestamp', 'date', 'time', 'unix', 'epoch', 'open_time_ms', '<DTYYYYMMDD>'])(
    'are calendar days in a column named %s, not seconds of 1970',
    (name) => {
      const series = read(name, ['20220103', '20220104', '20220105']);
      expect(series.timeframe).toBe('1d');
      expect(startsOf(series)).toEqual(['2022-01-03T00:00', '2022-01-04T00:00', '2022-01-05T00:00']);
    },
  );

  it('are read with a symbol column beside them, as Indian bhavcopies have them', () => {
    const [series] = parseOhlcvCsv(
      'Symbol,Timestamp,Open,High,Low,Close,Volume\nTCS,20220103,3,4,2,3,10\nTCS,20220104,3,4,2,3,11',
    );
    expect(series).toMatchObject({ ticker: 'TCS', timeframe: '1d' });
    expect(startsOf(series as BarSeries)).toEqual(['2022-01-03T00:00', '2022-01-04T00:00']);
  });

  it.each([
    ['HHMMSS', ['000000', '010000', '020000']],
    ['HHMMSS without leading zeros', ['0', '10000', '20000']],
    ['HHMM', ['0000', '0100', '0200']],
    ['HH:MM', ['00:00', '01:00', '02:00']],
    ['HH:MM:SS', ['00:00:00', '01:00:00', '02:00:00']],
  ])('take the time of day from a separate column, as %s', (_form, clock) => {
    const series = read(
      '<DTYYYYMMDD>,<TIME>',
      clock.map((time) => `20110103,${time}`),
    );
    expect(series.timeframe).toBe('1h');
    expect(startsOf(series)).toEqual(['2011-01-03T00:00', '2011-01-03T01:00', '2011-01-03T02:00']);
  });

  it('read every hour of a MetaTrader export', () => {
    const times = Array.from({ length: 720 }, (_, hour) => {
      const iso = new Date(Date.UTC(2011, 0, 3) + hour * HOUR_MS).toISOString();
      return `${iso.slice(0, 10).replaceAll('-', '')},${iso.slice(11, 19).replaceAll(':', '')}`;
    });
    const { timeframe, bars, rejected } = read('<DTYYYYMMDD>,<TIME>', times);
    expect({ timeframe, bars: bars.length, rejected }).toEqual({ timeframe: '1h', bars: 720, rejected: [] });
  });

  it.each([
    ['202201030930', '202201030931'],
    ['20220103093000', '20220103093100'],
    ['20220103 093000', '20220103 093100'],
  ])('may hold the time of day: %s', (first, second) => {
    expect(startsOf(read('timestamp', [first, second]))).toEqual(['2022-01-03T09:30', '2022-01-03T09:31']);
  });

  it('are rejected when the day does not exist', () => {
    expect(() => read('date', ['20220228', '20220230'])).toThrow(
      'line 3, column "date": "20220230" is not a calendar day when read as YYYYMMDD',
    );
  });
});

describe('epoch times', () => {
  const [first, second] = [Date.UTC(2020, 0, 1), Date.UTC(2020, 0, 2)];
  const days = ['2020-01-01T00:00', '2020-01-02T00:00'];

  it.each(['unix', 'epoch', 'timestamp', 'date', 'open_time_ms', 'timestamp_seconds'])(
    'get their unit from their magnitude, not from the name %s',
    (name) => {
      for (const unit of ['', '000', '000000', '000000000'].map((zeros) => (ms: number) => `${ms / 1000}${zeros}`)) {
        expect(startsOf(read(name, [unit(first), unit(second)]))).toEqual(days);
      }
    },
  );

  it('change from seconds to milliseconds within a column, each value by its own magnitude', () => {
    const times = Array.from({ length: 10 }, (_, day) => first + day * DAY_MS);
    const cells = times.map((ms, day) => String(day < 5 ? ms / 1000 : ms));
    for (const order of [cells, [...cells].reverse()]) {
      const { bars, timeframe } = read('unix', order);
      expect(timeframe).toBe('1d');
      expect(bars.map(({ start }) => start)).toEqual(times);
    }
  });

  it('in microseconds reach back before September 2001', () => {
    const [day1, day2] = [Date.UTC(2000, 0, 3), Date.UTC(2000, 0, 4)];
    expect(startsOf(read('timestamp', [`${day1}000`, `${day2}000`]))).toEqual(['2000-01-03T00:00', '2000-01-04T00:00']);
  });

  it.each([
    ['seconds', 1 / 1000],
    ['milliseconds', 1],
    ['microseconds', 1000],
  ])('in %s are continuous across 1970', (_unit, factor) => {
    const times = Array.from({ length: 4_000 }, (_, day) => Date.UTC(1966, 0, 1) + day * DAY_MS);
    const { bars } = read(
      'timestamp',
      times.map((ms) => String(ms * factor)),
    );
    expect(bars.map(({ start }) => start)).toEqual(times);
  });

  it('in nanoseconds keep their last millisecond, though 19 digits do not fit a number', () => {
    const series = read('timestamp', [`${first - 1}999999`, `${second - 1}999999`]);
    expect(startsOf(series)).toEqual(['2019-12-31T00:00', '2020-01-01T00:00']);
  });

  it('are described as they were read', () => {
    const form = (cells: string[]) => readOhlcvRows(['unix,close', ...cells].join('\n'), { ticker: 'X' });
    expect(form(['1577836800,1', '1577923200000,1'])).toMatchObject({
      timeColumn: 'unix',
      timeForm: 'epoch seconds and milliseconds',
    });
  });
});

describe('Excel serial dates', () => {
  it('are days since 1899-12-30', () => {
    const series = read('Date', ['44564', '44565']);
    expect(series.timeframe).toBe('1d');
    expect(startsOf(series)).toEqual(['2022-01-03T00:00', '2022-01-04T00:00']);
  });

  it('hold the time of day in their fraction', () => {
    expect(startsOf(read('Date', ['44564.395833333336', '44564.4375']))).toEqual([
      '2022-01-03T09:30',
      '2022-01-03T10:30',
    ]);
  });
});

describe('closing times', () => {
  it.each([
    ['2020-01-01T23:59:59.999Z', '2020-01-02T23:59:59.999Z', '1d', '2020-01-01T00:00'],
    ['2020-01-01 23:59:59', '2020-01-02 23:59:59', '1d', '2020-01-01T00:00'],
    ['2020-01-01 09:59:59.999', '2020-01-01 10:59:59.999', '1h', '2020-01-01T09:00'],
    ['1577923199999', '1578009599999', '1d', '2020-01-01T00:00'],
    ['1577923199999999', '1578009599999999', '1d', '2020-01-01T00:00'],
  ])('such as %s denote the end of a bar', (first, second, timeframe, start) => {
    const series = read('timestamp', [first, second]);
    expect(series.timeframe).toBe(timeframe);
    expect(startsOf(series)[0]).toBe(start);
  });

  it('are recognised by the whole column only: a single start makes all times starts', () => {
    const series = read('timestamp', ['2020-01-01 00:00:59', '2020-01-01 00:01:59', '2020-01-01 00:02:58']);
    expect(series.bars[0]?.start).toBe(Date.UTC(2020, 0, 1, 0, 0, 59));
  });

  it('of a month lie in the month they end', () => {
    const series = read('timestamp', ['2020-01-31T23:59:59.999Z', '2020-02-29T23:59:59.999Z']);
    expect(series.timeframe).toBe('1mo');
    expect(startsOf(series)).toEqual(['2020-01-01T00:00', '2020-02-01T00:00']);
  });
});

describe('impossible times', () => {
  const now = Date.UTC(2026, 0, 10);
  it.each([
    ['numbers too small for an epoch', 'date', ['123456', '123457'], 'line 2, column "date": "123456" is too small'],
    ['years alone', 'date', ['2019', '2020'], 'line 2, column "date": "2019" is too small'],
    [
      'a bar before 1900',
      'date',
      ['2000-01-01', '1899-12-31'],
      'line 3, column "date": "1899-12-31" read as dates is before 1900',
    ],
    [
      'a bar in the future',
      'date',
      ['2026-01-10', '2026-01-11', '2026-01-12'],
      'line 4, column "date": the bar starts in the future (2026-01-12',
    ],
    [
      'a date among numbers',
      'date',
      ['20220103', '2022-01-04'],
      'line 3, column "date": "2022-01-04" does not have the form',
    ],
    ['a number among dates', 'date', ['2022-01-03', '20220104'], 'line 3, column "date": "20220104" is not a time'],
    [
      'a time of day that does not exist',
      '<DTYYYYMMDD>,<TIME>',
      ['20220103,093000', '20220103,097500'],
      'line 3, column "<TIME>": "097500" is not a time of day',
    ],
  ])('are rejected with line, column and rule: %s', (_title, header, times, message) => {
    const attempt = (): unknown => read(header, times, { now });
    expect(attempt).toThrow(BarParseError);
    expect(attempt).toThrow(message);
  });

  it('do not include the bar of the current day, or of the current month stamped with its end', () => {
    expect(read('date', ['2026-01-10', '2026-01-11'], { now }).bars).toHaveLength(2);
    expect(read('date', ['2025-11-30', '2025-12-31', '2026-01-31'], { now }).timeframe).toBe('1mo');
  });
});

describe('the volume column', () => {
  const volumeOf = (header: string, ...rows: string[]) => {
    const text = [`date,close,${header}`, ...rows.map((row, index) => `2020-01-0${index + 1},1,${row}`)].join('\n');
    const { rowsByTicker, volumeColumn } = readOhlcvRows(text, { ticker: 'X' });
    return [volumeColumn, rowsByTicker.get('X')?.map(({ volume }) => volume)];
  };

  it.each([
    ['Volume BTC,Volume USDT', ['2,20000'], 'Volume BTC', [2]],
    ['Volume USDT,Volume BTC', ['20000,2'], 'Volume BTC', [2]],
    ['Volume_(BTC),Volume_(Currency)', ['2,20000'], 'Volume_(BTC)', [2]],
    ['Volume USD', ['20000'], 'Volume USD', [20_000]],
    ['Volume EUR,Volume USD', ['2,3'], 'Volume EUR', [2]],
    ['<TICKVOL>', ['7'], '<TICKVOL>', [7]],
    ['<TICKVOL>,<VOL>', ['7,0', '8,0'], '<TICKVOL>', [7, 8]],
    ['<TICKVOL>,<VOL>', ['7,100', '8,0'], '<VOL>', [100, 0]],
    ['volumefrom,volumeto', ['2,20000'], 'volumefrom', [2]],
    ['Volume,Volume USDT', ['2,20000'], 'Volume', [2]],
    ['note', ['x'], null, [0]],
  ])('of "%s" is found and reported', (header, rows, column, volumes) => {
    expect(volumeOf(header, ...rows)).toEqual([column, volumes]);
  });
});
