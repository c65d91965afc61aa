import { calendarDay } from './parse-time';
import { DAY_MS } from './timeframe';

/** How a numeric column is read as times. */
export type NumericTimeForm = 'yyyymmdd' | 'yyyymmddhhmm' | 'yyyymmddhhmmss' | 'excel' | 'epoch';

/** Unit of an epoch value, chosen by its magnitude. */
const UNITS = ['seconds', 'milliseconds', 'microseconds', 'nanoseconds'] as const;

/** Thresholds of ms, µs and ns. Each unit covers March 1973 to the year 5138. */
const MS_FROM = 1e11;
const US_FROM = 1e14;
const NS_FROM = 1e17;

/**
 * Seconds before March 1973 have fewer digits than dates. They are accepted only beside larger ones or in a column
 * named epoch or unix.
 */
const SECONDS_FROM = 1e8;

/** Days since 1899-12-30: from May 1927, above any year number, to April 2064, below a day of seconds. */
const EXCEL_SERIALS = { from: 10_000, to: 60_000 } as const;
const EXCEL_DAY_0 = Date.UTC(1899, 11, 30);

/** A numeric column, and whether its name identifies small numbers. */
export interface NumericColumn {
  readonly cells: readonly string[];
  /** The name contains epoch or unix, so small numbers are seconds after 1970. */
  readonly isNamedEpoch: boolean;
}

/**
 * Decides from the whole column how its numbers denote times, under any column name. Dates written as digits and Excel
 * serial dates would be in 1970 if read as seconds, so they are tried first. Null when the numbers are too small to be
 * times.
 */
export function decideNumericForm({ cells, isNamedEpoch }: NumericColumn): NumericTimeForm | null {
  let [low, high, areWhole] = [Infinity, -Infinity, true];
  for (const cell of cells) {
    const value = Number(cell);
    low = Math.min(low, value);
    high = Math.max(high, value);
    areWhole &&= Number.isInteger(value);
  }
  if (areWhole && low >= 1900_01_01 && high <= 2100_12_31) return 'yyyymmdd';
  if (areWhole && low >= 1900_01_01_00_00 && high <= 2100_12_31_23_59 && areAll('yyyymmddhhmm', cells)) {
    return 'yyyymmddhhmm';
  }
  if (areWhole && low >= 1900_01_01_00_00_00 && high <= 2100_12_31_23_59_59 && areAll('yyyymmddhhmmss', cells)) {
    return 'yyyymmddhhmmss';
  }
  if (low >= EXCEL_SERIALS.from && high <= EXCEL_SERIALS.to) return 'excel';
  return Math.max(high, -low) >= SECONDS_FROM || isNamedEpoch ? 'epoch' : null;
}

/** Reads one number in a form other than `epoch`, as epoch ms; null when there is no such day or time. */
export function readNumericTime(form: Exclude<NumericTimeForm, 'epoch'>, cell: string): number | null {
  const value = Number(cell);
  // Excel stores the time of day as a binary64 fraction, so the value is rounded to whole seconds.
  if (form === 'excel') return EXCEL_DAY_0 + Math.round((value * DAY_MS) / 1000) * 1000;
  if (form === 'yyyymmdd') return dayOf(value);
  const digits = form === 'yyyymmddhhmm' ? value * 100 : value;
  const midnight = dayOf(Math.floor(digits / 1e6));
  const ofDay = clockMs(digits % 1e6);
  return midnight === null || ofDay === null ? null : midnight + ofDay;
}

/** Milliseconds after midnight of a clock time written as the number HHMMSS; null when there is no such time. */
export function clockMs(hhmmss: number): number | null {
  const [hours, minutes, seconds] = [Math.floor(hhmmss / 1e4), Math.floor(hhmmss / 100) % 100, hhmmss % 100];
  if (!Number.isInteger(hhmmss) || hours > 23 || minutes > 59 || seconds > 59) return null;
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

/** Epoch times of a column, and how it was read. */
export interface EpochTimes {
  readonly times: readonly number[];
  /** e.g. `epoch milliseconds`. */
  readonly description: string;
}

/**
 * Reads epoch values, each by its own magnitude, so a column may change from seconds to milliseconds. A value near 1970
 * has few digits in every unit. If the column has larger units, the reading closest to the neighbouring row is used.
 */
export function readEpochTimes(cells: readonly string[]): EpochTimes {
  const units = cells.map((cell) => unitOf(Number(cell)));
  const largest = units.reduce((most, unit) => Math.max(most, unit), 0);
  const times: number[] = new Array<number>(cells.length);
  const first = units.indexOf(largest);
  const used = new Set<number>();
  const read = (index: number, neighbour: number): void => {
    const cell = cells[index] as string;
    let unit = units[index] as number;
    const own = epochMs(cell, unit);
    const asLargest = unit === largest ? own : epochMs(cell, largest);
    if (Math.abs(asLargest - neighbour) < Math.abs(own - neighbour)) unit = largest;
    times[index] = unit === largest ? asLargest : own;
    used.add(unit);
  };
  read(first, epochMs(cells[first] as string, largest));
  for (let index = first + 1; index < cells.length; index += 1) read(index, times[index - 1] as number);
  for (let index = first - 1; index >= 0; index -= 1) read(index, times[index + 1] as number);
  const names = [...used].sort().map((unit) => UNITS[unit]);
  return { times, description: `epoch ${names.join(' and ')}` };
}

function unitOf(value: number): number {
  const magnitude = Math.abs(value);
  if (magnitude < MS_FROM) return 0;
  if (magnitude < US_FROM) return 1;
  return magnitude < NS_FROM ? 2 : 3;
}

/** Whole ms. The last digits of µs and ns are cut from the text, because 19 digits do not fit into binary64. */
function epochMs(cell: string, unit: number): number {
  if (unit === 0) return Math.round(Number(cell) * 1000);
  if (unit === 1) return Math.floor(Number(cell));
  const digits = unit === 2 ? 3 : 6;
  const isPlain = cell.length > digits && !cell.startsWith('-') && !cell.includes('.');
  return isPlain ? Number(cell.slice(0, -digits)) : Math.floor(Number(cell) / 10 ** digits);
}

function areAll(form: 'yyyymmddhhmm' | 'yyyymmddhhmmss', cells: readonly string[]): boolean {
  return cells.every((cell) => readNumericTime(form, cell) !== null);
}

function dayOf(yyyymmdd: number): number | null {
  return calendarDay(Math.floor(yyyymmdd / 1e4), Math.floor(yyyymmdd / 100) % 100, yyyymmdd % 100);
}
