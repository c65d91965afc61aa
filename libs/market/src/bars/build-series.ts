import type { Bar } from './bar';
import { BarParseError } from './bar-parse-error';
import { barProblem, type BarSeries, type RejectedRow } from './bar-series';
import type { OhlcvRow } from './read-ohlcv-rows';
import { barIntervalAt, DAY_MS, inferTimeframe, parseTimeframe, type Timeframe } from './timeframe';

/** The rows of one ticker in one file. */
export interface SeriesPart {
  /** Path, if the rows come from a file. */
  readonly file?: string | undefined;
  readonly rows: readonly OhlcvRow[];
  readonly timeColumn: string;
  readonly closesAfterMs: number | null;
}

export interface BuildSeriesOptions {
  readonly ticker: string;
  /** In order of precedence: of rows with the same time the first part's wins, and within a part the first row. */
  readonly parts: readonly SeriesPart[];
  /** Label such as `1d`; default: inferred from the median spacing of the rows. */
  readonly timeframe?: string | undefined;
  /** Which end of its interval a row's time denotes. Default: the end if all times are last moments, else the start. */
  readonly stampedAt?: 'start' | 'end' | undefined;
  /** Current time, epoch ms. A bar that starts more than a day later is rejected, a weekly one more than a week. */
  readonly now?: number | undefined;
}

/** Parts of one ticker have different timeframes, so they cannot be merged. */
export class TimeframeConflictError extends Error {
  readonly code = 'TIMEFRAME_CONFLICT';

  constructor(
    readonly file: string | undefined,
    readonly timeframe: string,
    readonly otherFile: string | undefined,
    readonly otherTimeframe: string,
  ) {
    super(
      `its bars are ${timeframe}, those of the same ticker in ${otherFile ?? 'another file'} are ${otherTimeframe}`,
    );
    this.name = 'TimeframeConflictError';
  }
}

/** With fewer rows, the spacing inside a file is not a reliable sign of its timeframe. */
const MIN_ROWS_TO_INFER = 6;

interface PlacedRow {
  readonly bar: Bar;
  readonly line: number;
  readonly file: string | undefined;
}

/**
 * Builds one series from the rows of a ticker, from one or more files. Of rows with the same time the first one wins;
 * the others are rejected as exact or conflicting repeats.
 * @throws BarParseError when a bar lies in the future, or the timeframe cannot be inferred from one row
 * @throws TimeframeConflictError when the parts disagree
 */
export function buildSeries(options: BuildSeriesOptions): BarSeries {
  const { ticker, parts } = options;
  const sorted = parts.map((part) => ({ ...part, rows: [...part.rows].sort((a, b) => a.stamp - b.stamp) }));
  const timeframe = options.timeframe === undefined ? timeframeOf(sorted) : parseTimeframe(options.timeframe);
  const placed = sorted.flatMap((part) => placeRows(part, timeframe, options));
  // The sort is stable, so of two rows with the same time the first one wins.
  if (parts.length > 1) placed.sort((a, b) => a.bar.start - b.bar.start);
  const bars: Bar[] = [];
  const rejected: RejectedRow[] = [];
  let kept: PlacedRow | null = null;
  for (const row of placed) {
    const fault = barProblem(row.bar) ?? repeatProblem(kept, row);
    if (fault === null) {
      bars.push(row.bar);
      kept = row;
    } else rejected.push({ ...(row.file !== undefined && { file: row.file }), line: row.line, ...fault });
  }
  return { ticker, timeframe: timeframe.label, bars, rejected };
}

function placeRows(part: SeriesPart, timeframe: Timeframe, options: BuildSeriesOptions): PlacedRow[] {
  const isEnd = (options.stampedAt ?? (part.closesAfterMs === null ? 'start' : 'end')) === 'end';
  const gapMs = options.stampedAt === undefined ? (part.closesAfterMs ?? 0) : 0;
  // A bar of months or years covers the calendar month or year that contains its stamp.
  const shiftMs = isEnd && timeframe.months === null ? gapMs - timeframe.approximateMs : 0;
  const latest =
    options.now === undefined
      ? Infinity
      : options.now + Math.min(Math.max(DAY_MS, timeframe.approximateMs), 7 * DAY_MS);
  return part.rows.map(({ line, stamp, open, high, low, close, volume }) => {
    const { start, end } = barIntervalAt(timeframe, stamp + shiftMs);
    if (!(start <= latest)) throw inFuture(part, line, stamp);
    return { bar: { start, end, open, high, low, close, volume }, line, file: part.file };
  });
}

function inFuture({ timeColumn, file }: SeriesPart, line: number, stamp: number): BarParseError {
  const date = new Date(stamp);
  const day = Number.isNaN(date.getTime()) ? `${stamp} ms after 1970` : date.toISOString();
  const rule = `the bar starts in the future (${day}); at most one day ahead is allowed`;
  return new BarParseError(rule, line, timeColumn, file);
}

function repeatProblem(kept: PlacedRow | null, { bar, file }: PlacedRow): Pick<RejectedRow, 'kind' | 'reason'> | null {
  if (kept === null || kept.bar.start !== bar.start) return null;
  const other = kept.bar;
  const isEqual =
    bar.open === other.open &&
    bar.high === other.high &&
    bar.low === other.low &&
    bar.close === other.close &&
    bar.volume === other.volume;
  const where = `line ${kept.line}${kept.file === file ? '' : ` of ${kept.file}`}`;
  return isEqual
    ? { kind: 'exact_repeat', reason: `repeats ${where}` }
    : { kind: 'conflicting_repeat', reason: `same time as ${where}, other values` };
}

/** Uses the files that are long enough, which must agree; otherwise all rows together. */
function timeframeOf(parts: readonly SeriesPart[]): Timeframe {
  let found: { file: string | undefined; timeframe: Timeframe } | null = null;
  for (const { file, rows } of parts) {
    const timeframe = rows.length < MIN_ROWS_TO_INFER ? null : inferTimeframe(distinctStamps(rows));
    if (timeframe === null) continue;
    found ??= { file, timeframe };
    if (found.timeframe.label !== timeframe.label) {
      throw new TimeframeConflictError(file, timeframe.label, found.file, found.timeframe.label);
    }
  }
  if (found !== null) return found.timeframe;
  const rows = parts.flatMap((part) => part.rows).sort((a, b) => a.stamp - b.stamp);
  const inferred = inferTimeframe(distinctStamps(rows));
  if (inferred !== null) return inferred;
  const only = rows[0] as OhlcvRow;
  const isDay = parts.every(({ closesAfterMs }) => (only.stamp + (closesAfterMs ?? 0)) % DAY_MS === 0);
  if (isDay) return parseTimeframe('1d');
  const rule = 'one row is not enough to infer the timeframe: a ticker needs two rows of different times';
  throw new BarParseError(rule, only.line, undefined, parts[0]?.file);
}

function distinctStamps(sortedRows: readonly OhlcvRow[]): number[] {
  return sortedRows.map(({ stamp }) => stamp).filter((stamp, index, stamps) => stamp !== stamps[index - 1]);
}
