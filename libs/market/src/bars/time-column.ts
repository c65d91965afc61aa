import { BarParseError } from './bar-parse-error';
import { clockMs, decideNumericForm, readEpochTimes, readNumericTime } from './numeric-times';
import { parseTime, zoneOffsetMs } from './parse-time';

/** The time column of a file, and its time-of-day column if the date is separate. */
export interface TimeColumn {
  readonly name: string;
  readonly cells: readonly string[];
  /** Line of each cell. */
  readonly lines: readonly number[];
  readonly isNamedEpoch: boolean;
  /** Time of day, one per cell. */
  readonly clock: { readonly name: string; readonly cells: readonly string[] } | null;
}

export interface ColumnTimes {
  /** Epoch ms, one per cell. */
  readonly times: readonly number[];
  /** How the column was read, human-readable. */
  readonly description: string;
  /**
   * If every time is the last moment of a period (23:59:59.999, 09:59:59), the ms to the period's end; null if times
   * are starts.
   */
  readonly closesAfterMs: number | null;
}

/** No bar is older. Earlier values are misread or mistyped. */
export const EARLIEST_MS = Date.UTC(1900, 0, 1);

const NUMBER = /^-?\d{1,19}(\.\d+)?$/;
const ACCEPTED =
  '2000-01-03, 2000-01-03T14:30:00Z, Jan 3 2000, 20000103, an Excel date, or epoch seconds, ms, µs or ns';

/**
 * Reads a time column. The form is decided from the whole column, never per cell: the same digits may be a date, an
 * Excel serial date or seconds.
 * @throws BarParseError naming line, column and rule when a cell does not have the form of the column, or is before
 * 1900
 */
export function readTimeColumn(column: TimeColumn): ColumnTimes {
  const { times, description } = isNumeric(column) ? readNumbers(column) : readTexts(column);
  const early = times.findIndex((time) => !(time >= EARLIEST_MS));
  if (early !== -1) {
    const rule = `${quote(column, early)} read as ${description} is before 1900`;
    throw new BarParseError(rule, column.lines[early] as number, column.name);
  }
  return { times, description, closesAfterMs: closesAfter(times) };
}

/** Decided by the first cell. A cell of the other kind is then an error. */
function isNumeric(column: TimeColumn): boolean {
  const { cells, lines, name } = column;
  const expected = NUMBER.test(cells[0] ?? '');
  if (!expected) return false;
  const odd = cells.findIndex((cell) => !NUMBER.test(cell));
  if (odd === -1) return true;
  const rule = `${quote(column, odd)} does not have the form of the rows before, e.g. "${cells[0]}"`;
  throw new BarParseError(rule, lines[odd] as number, name);
}

function readNumbers(column: TimeColumn): Pick<ColumnTimes, 'times' | 'description'> {
  const form = decideNumericForm(column);
  if (form === null) {
    const rule = `${quote(column, 0)} is too small for an epoch time and is not a date (${ACCEPTED})`;
    throw new BarParseError(rule, column.lines[0] as number, column.name);
  }
  if (form === 'epoch') {
    const epoch = readEpochTimes(column.cells);
    return column.clock === null ? epoch : { ...epoch, times: addClock(column, epoch.times) };
  }
  const times = column.cells.map((cell, index) => {
    const time = readNumericTime(form, cell);
    if (time !== null) return time;
    const rule = `${quote(column, index)} is not a calendar day when read as ${form.toUpperCase()}`;
    throw new BarParseError(rule, column.lines[index] as number, column.name);
  });
  const description = form === 'excel' ? 'Excel serial dates' : `${form.toUpperCase()} numbers`;
  return { times: column.clock === null ? times : addClock(column, times), description };
}

function readTexts(column: TimeColumn): Pick<ColumnTimes, 'times' | 'description'> {
  const { cells, lines, name } = column;
  const dates = cells.map((cell, index) => {
    const time = parseTime(cell);
    if (time !== null) return time;
    throw new BarParseError(`${quote(column, index)} is not a time (${ACCEPTED})`, lines[index] as number, name);
  });
  return { times: column.clock === null ? dates : addClock(column, dates), description: 'dates' };
}

/** Hours, minutes; then optional seconds, fraction and zone. */
const CLOCK_TEXT = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** Whether a cell is a time of day (`09:05`, `090500`, `905`), as opposed to a date or an epoch time. */
export function isClock(cell: string): boolean {
  return CLOCK_TEXT.test(cell) || /^\d{1,6}$/.test(cell);
}

/** Numbers of up to four digits are HHMM if the whole column fits, else HHMMSS without its leading zeros. */
function addClock({ clock, lines }: TimeColumn, dates: readonly number[]): number[] {
  const cells = clock?.cells ?? [];
  const isHhmm = cells.every((cell) => /^\d{1,4}$/.test(cell) && clockMs(Number(cell) * 100) !== null);
  return dates.map((date, index) => {
    const cell = cells[index] ?? '';
    const time = readClock(cell, isHhmm);
    if (time !== null) return date + time;
    const rule = `"${cell.slice(0, 40)}" is not a time of day (09:05, 09:05:00, 0905, 090500)`;
    throw new BarParseError(rule, lines[index] as number, clock?.name);
  });
}

function readClock(cell: string, isHhmm: boolean): number | null {
  if (/^\d{1,6}$/.test(cell)) return clockMs(isHhmm ? Number(cell) * 100 : Number(cell));
  const match = CLOCK_TEXT.exec(cell);
  if (match === null) return null;
  const [, hours, minutes, seconds = '0', fraction = '', zone = 'Z'] = match;
  const whole = clockMs(Number(hours) * 1e4 + Number(minutes) * 100 + Number(seconds));
  return whole === null ? null : whole + Number(fraction.slice(0, 3).padEnd(3, '0')) - zoneOffsetMs(zone);
}

/** 1 ms if all times end in .999, 1 s if all end in second 59. A single row is accepted only at midnight. */
function closesAfter(times: readonly number[]): number | null {
  const [first] = times;
  if (first === undefined) return null;
  const distinct = times.some((time) => time !== first);
  for (const { gapMs, periodMs } of [
    { gapMs: 1, periodMs: 1_000 },
    { gapMs: 1_000, periodMs: 60_000 },
  ]) {
    const period = distinct ? periodMs : 86_400_000;
    if (times.every((time) => (time + gapMs) % period === 0)) return gapMs;
  }
  return null;
}

function quote({ cells, clock }: TimeColumn, index: number): string {
  const text = [cells[index], clock?.cells[index]].filter((part) => part !== undefined).join(' ');
  return `"${text.slice(0, 40)}"`;
}
