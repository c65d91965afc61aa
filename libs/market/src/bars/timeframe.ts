const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const FIXED_UNITS = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS } as const;
const CALENDAR_UNITS = { mo: 1, y: 12 } as const;

/** Length of a bar. Months and years have no fixed length in milliseconds; use `barIntervalAt`. */
export interface Timeframe {
  /** e.g. `1m`, `15m`, `1h`, `1d`, `1w`, `1mo`, `3mo`, `1y`. */
  readonly label: string;
  /** Length in ms; the mean Gregorian length for calendar timeframes. */
  readonly approximateMs: number;
  /** Whole months of a calendar timeframe; null for a fixed length. */
  readonly months: number | null;
}

/** Mean Gregorian month: 365.2425 days / 12. */
const MEAN_MONTH_MS = (365.2425 * DAY_MS) / 12;

/**
 * Reads a label such as `5m`, `1h`, `1d`, `1w`, `1mo`, `1y` (`m` is minutes, `mo` months).
 * @throws RangeError naming the accepted forms
 */
export function parseTimeframe(label: string): Timeframe {
  // A count without leading zero, then the unit.
  const match = /^([1-9]\d{0,4})(s|m|h|d|w|mo|y)$/.exec(label);
  if (match === null) {
    throw new RangeError(`"${label.slice(0, 32)}" is not a timeframe; use e.g. 30s, 5m, 1h, 1d, 1w, 1mo, 1y`);
  }
  const count = Number(match[1]);
  const unit = match[2] as keyof typeof FIXED_UNITS | keyof typeof CALENDAR_UNITS;
  if (unit === 'mo' || unit === 'y') {
    const months = count * CALENDAR_UNITS[unit];
    return { label, months, approximateMs: months * MEAN_MONTH_MS };
  }
  return { label, months: null, approximateMs: count * FIXED_UNITS[unit] };
}

/** Label of a fixed length, in the largest unit that divides it: 60 000 gives `1m`. @throws RangeError below 1 s */
export function timeframeLabelOf(milliseconds: number): string {
  for (const unit of ['w', 'd', 'h', 'm', 's'] as const) {
    const count = milliseconds / FIXED_UNITS[unit];
    if (Number.isInteger(count) && count >= 1) return `${count}${unit}`;
  }
  throw new RangeError(`${milliseconds} ms is not a whole number of seconds`);
}

/**
 * Timeframe of a series, from the median spacing of its sorted bar starts, so that weekends, holidays and gaps do not
 * count. 28 to 31 days is a month, 89 to 92 a quarter, 365 or 366 a year. Null below two bars.
 */
export function inferTimeframe(sortedStarts: readonly number[]): Timeframe | null {
  const spacings: number[] = [];
  for (let index = 1; index < sortedStarts.length; index += 1) {
    spacings.push((sortedStarts[index] as number) - (sortedStarts[index - 1] as number));
  }
  spacings.sort((a, b) => a - b);
  const median = spacings[Math.floor((spacings.length - 1) / 2)];
  if (median === undefined || median < SECOND_MS) return null;
  const days = median / DAY_MS;
  if (days >= 28 && days <= 31) return parseTimeframe('1mo');
  if (days >= 89 && days <= 92) return parseTimeframe('3mo');
  if (days >= 365 && days <= 366) return parseTimeframe('1y');
  // Sub-second jitter in the stamps is not a timeframe.
  return parseTimeframe(timeframeLabelOf(Math.round(median / SECOND_MS) * SECOND_MS));
}

/**
 * The interval of the bar stamped `stamp`. A fixed timeframe starts at its stamp. A calendar timeframe covers the
 * calendar month, quarter or year (UTC) that contains its stamp, because some files stamp the first and some the last
 * day of a month.
 */
export function barIntervalAt(timeframe: Timeframe, stamp: number): { start: number; end: number } {
  if (timeframe.months === null) return { start: stamp, end: stamp + timeframe.approximateMs };
  const date = new Date(stamp);
  const monthsSinceYear0 = date.getUTCFullYear() * 12 + date.getUTCMonth();
  const first = monthsSinceYear0 - (monthsSinceYear0 % timeframe.months);
  return { start: startOfMonth(first), end: startOfMonth(first + timeframe.months) };
}

function startOfMonth(monthsSinceYear0: number): number {
  return Date.UTC(Math.floor(monthsSinceYear0 / 12), monthsSinceYear0 % 12, 1);
}
