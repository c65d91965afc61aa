import { barIntervalAt, DAY_MS, inferTimeframe, parseTimeframe, timeframeLabelOf } from './timeframe';

describe('parseTimeframe', () => {
  it('distinguishes minutes from months', () => {
    expect(parseTimeframe('5m')).toEqual({ label: '5m', months: null, approximateMs: 300_000 });
    expect(parseTimeframe('3mo')).toMatchObject({ label: '3mo', months: 3 });
    expect(parseTimeframe('1y').months).toBe(12);
  });

  it.each(['', '0m', '01m', '5', 'm', '1M', '1 d', '-1d', '1.5h', '123456s'])('rejects "%s"', (label) => {
    expect(() => parseTimeframe(label)).toThrow(RangeError);
  });
});

describe('timeframeLabelOf', () => {
  it('uses the largest unit that divides', () => {
    expect([1000, 60_000, 90_000, 3_600_000, DAY_MS, 7 * DAY_MS].map(timeframeLabelOf)).toEqual([
      '1s',
      '1m',
      '90s',
      '1h',
      '1d',
      '1w',
    ]);
    expect(() => timeframeLabelOf(1500)).toThrow(RangeError);
  });
});

describe('inferTimeframe', () => {
  const days = (...dates: string[]): number[] => dates.map((date) => Date.parse(date));

  it('ignores weekends and gaps', () => {
    const starts = days('2020-01-02', '2020-01-03', '2020-01-06', '2020-01-07', '2020-01-20', '2020-01-21');
    expect(inferTimeframe(starts)?.label).toBe('1d');
  });

  it('recognises months, quarters and years of uneven lengths', () => {
    expect(inferTimeframe(days('2020-01-01', '2020-02-01', '2020-03-01', '2020-04-01'))?.label).toBe('1mo');
    expect(inferTimeframe(days('2020-01-01', '2020-04-01', '2020-07-01'))?.label).toBe('3mo');
    expect(inferTimeframe(days('2019-01-01', '2020-01-01', '2021-01-01'))?.label).toBe('1y');
  });

  it('is null for one bar', () => {
    expect(inferTimeframe([0])).toBeNull();
  });
});

describe('barIntervalAt', () => {
  it('covers the calendar month, for a stamp on any day', () => {
    const february = { start: Date.UTC(2024, 1, 1), end: Date.UTC(2024, 2, 1) };
    expect(barIntervalAt(parseTimeframe('1mo'), Date.UTC(2024, 1, 1))).toEqual(february);
    expect(barIntervalAt(parseTimeframe('1mo'), Date.UTC(2024, 1, 29))).toEqual(february);
  });

  it('crosses the end of the year', () => {
    expect(barIntervalAt(parseTimeframe('3mo'), Date.UTC(2024, 11, 31))).toEqual({
      start: Date.UTC(2024, 9, 1),
      end: Date.UTC(2025, 0, 1),
    });
  });
});
