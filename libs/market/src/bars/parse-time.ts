const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Year, month, day; then optional time, fraction and zone. */
const ISO =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;
/** `20220103 093000`, as one cell or joined from two. */
const COMPACT = /^(\d{4})(\d{2})(\d{2})[T ](\d{2}):?(\d{2})(?::?(\d{2}))?$/i;
/** `Jan 1 2000`, `January 1, 2000`. */
const MONTH_FIRST = /^([a-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})$/i;
/** `1 Jan 2000`. */
const DAY_FIRST = /^(\d{1,2})\s+([a-z]{3,9})\.?,?\s+(\d{4})$/i;

/**
 * Reads a textual time as epoch ms: `2000-01-03`, `2000/1/3`, ISO date-times (UTC if they have no zone), `20000103
 * 093000`, `Jan 1 2000`, `1 Jan 2000`. Ambiguous forms such as `1/2/2000` are not accepted. Null for anything else, for
 * bare numbers and for days that do not exist.
 */
export function parseTime(text: string): number | null {
  const iso = ISO.exec(text) ?? COMPACT.exec(text);
  if (iso !== null) return fromIso(iso);
  const monthFirst = MONTH_FIRST.exec(text);
  if (monthFirst !== null) return calendarDay(Number(monthFirst[3]), monthNumber(monthFirst[1]), Number(monthFirst[2]));
  const dayFirst = DAY_FIRST.exec(text);
  if (dayFirst !== null) return calendarDay(Number(dayFirst[3]), monthNumber(dayFirst[2]), Number(dayFirst[1]));
  return null;
}

/** Epoch ms of a UTC midnight; null for a day that does not exist. */
export function calendarDay(year: number, month: number, day: number): number | null {
  const time = Date.UTC(year, month - 1, day);
  const date = new Date(time);
  // Date.UTC turns 30 February into a day of March, and years below 100 into 19xx.
  const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? time : null;
}

function fromIso(match: RegExpExecArray): number | null {
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  const midnight = calendarDay(Number(year), Number(month), Number(day));
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  if (midnight === null || hours > 23 || minutes > 59 || seconds > 59) return null;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  return midnight + ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds - zoneOffsetMs(zone);
}

/** Offset of `Z`, `+02:00` or `-0500` from UTC, ms. */
export function zoneOffsetMs(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))) * 60_000;
}

function monthNumber(name: string | undefined): number {
  return MONTHS.indexOf((name ?? '').slice(0, 3).toLowerCase()) + 1;
}
