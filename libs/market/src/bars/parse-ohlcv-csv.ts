import { CsvError, type Info, parse } from 'csv-parse/sync';

import type { Bar } from './bar';
import { BarParseError } from './bar-parse-error';
import { barProblem, type BarSeries, type RejectedRow } from './bar-series';
import { findColumns, type OhlcvColumns } from './ohlcv-columns';
import { parseTime } from './parse-time';
import { barIntervalAt, DAY_MS, inferTimeframe, parseTimeframe, type Timeframe } from './timeframe';

export interface ParseOhlcvOptions {
  /** Ticker of a file without a symbol column (it wins over none, not over one). */
  readonly ticker?: string;
  /** Label such as `1d`; default: inferred from the median spacing of the bars. */
  readonly timeframe?: string;
  /** Which end of its interval a row's time names; default `start`. */
  readonly stampedAt?: 'start' | 'end';
  /** Use the adjusted close, and scale open, high and low by the same factor; default false: the close as traded. */
  readonly adjusted?: boolean;
}

interface Row extends Omit<Bar, 'start' | 'end'> {
  readonly line: number;
  readonly stamp: number;
}

/**
 * Reads OHLCV bars out of a CSV text with a header. Columns are found by name (date | timestamp | time | datetime, open,
 * high, low, close | price | adj close, volume, symbol | ticker), in any order and case; a file with only a price gives
 * flat bars, one without volume gives volume 0. A date without a time is UTC midnight, so a daily bar covers
 * [midnight, next midnight); monthly bars cover their calendar month. Times without a zone are read as UTC.
 *
 * Rows may stand in any order; every ticker becomes one series. A row that is well formed but is no bar (OHLC
 * contradiction, price not above 0, negative volume, second row of the same time) goes to `rejected` with its reason.
 * @throws BarParseError on anything malformed: no header, missing column, wrong field count, unreadable cell; it names
 *   line and column
 */
export function parseOhlcvCsv(text: string, options: ParseOhlcvOptions = {}): BarSeries[] {
  const records = readRecords(text);
  const header = records[0];
  if (header === undefined) throw new BarParseError('the file is empty: a header row is needed', 1);
  const columns = findColumns(header.cells, header.line);
  if (options.adjusted === true && columns.adjustedClose === null) {
    throw new BarParseError('adjusted prices are asked for, but there is no "adj close" column', header.line);
  }
  const rowsByTicker = new Map<string, Row[]>();
  for (const { cells, line } of records.slice(1)) {
    const ticker = tickerOf(cells, line, columns, options.ticker);
    const rows = rowsByTicker.get(ticker);
    const row = readRow(cells, line, columns, options.adjusted === true);
    if (rows === undefined) rowsByTicker.set(ticker, [row]);
    else rows.push(row);
  }
  return [...rowsByTicker].map(([ticker, rows]) => buildSeries(ticker, rows, options));
}

function readRecords(text: string): { cells: string[]; line: number }[] {
  try {
    const records = parse(text, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      info: true,
    });
    return (records as unknown as { record: string[]; info: Info }[]).map(({ record, info }) => ({
      cells: record,
      line: info.lines,
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? error['lines'] : 1;
    throw new BarParseError(`not well-formed CSV (${error.code})`, line);
  }
}

function tickerOf(cells: string[], line: number, columns: OhlcvColumns, fallback: string | undefined): string {
  const ticker = columns.ticker === null ? fallback : cells[columns.ticker];
  if (ticker !== undefined && ticker !== '') return ticker;
  if (columns.ticker === null) throw new BarParseError('there is no symbol column: give the option `ticker`', line);
  throw new BarParseError('the cell is empty', line, columns.names[columns.ticker]);
}

function readRow(cells: string[], line: number, columns: OhlcvColumns, adjusted: boolean): Row {
  if (cells.length !== columns.names.length) {
    throw new BarParseError(`the row has ${cells.length} fields, the header ${columns.names.length}`, line);
  }
  const number = (column: number | null, fallback: number): number => {
    if (column === null) return fallback;
    const cell = cells[column] ?? '';
    // Number('') is 0 and Number('0x1f') is 31: only plain decimals are numbers here.
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell)) {
      throw new BarParseError(`"${cell.slice(0, 40)}" is no number`, line, columns.names[column]);
    }
    return Number(cell);
  };
  const stamp = readStamp(cells, line, columns);
  const close = number(columns.close, NaN);
  const open = number(columns.open, close);
  const high = number(columns.high, Math.max(open, close));
  const low = number(columns.low, Math.min(open, close));
  const volume = number(columns.volume, 0);
  if (!adjusted) return { line, stamp, open, high, low, close, volume };
  const adjustedClose = number(columns.adjustedClose, close);
  const factor = adjustedClose / close;
  // A close equal to the high or low stays so: the scaled extreme may be off by the last bit.
  const scale = (price: number): number => (price === close ? adjustedClose : price * factor);
  return { line, stamp, open: scale(open), high: scale(high), low: scale(low), close: adjustedClose, volume };
}

function readStamp(cells: string[], line: number, columns: OhlcvColumns): number {
  const date = cells[columns.time] ?? '';
  const text = columns.timeOfDay === null ? date : `${date} ${cells[columns.timeOfDay] ?? ''}`;
  const stamp = parseTime(text, columns.epochUnit);
  if (stamp !== null) return stamp;
  const accepted = '2000-01-03, 2000-01-03T14:30:00Z, Jan 3 2000, epoch seconds or milliseconds';
  throw new BarParseError(`"${text.slice(0, 40)}" is no time (${accepted})`, line, columns.names[columns.time]);
}

function buildSeries(ticker: string, rows: Row[], options: ParseOhlcvOptions): BarSeries {
  // Stable, so of two rows of the same time the one that stands first in the file wins.
  rows.sort((a, b) => a.stamp - b.stamp);
  const timeframe = timeframeOf(rows, options.timeframe);
  const bars: Bar[] = [];
  const rejected: RejectedRow[] = [];
  for (const { line, stamp, ...prices } of rows) {
    const shift = options.stampedAt === 'end' && timeframe.months === null ? timeframe.approximateMs : 0;
    const bar = { ...barIntervalAt(timeframe, stamp - shift), ...prices };
    const repeated = bar.start === bars.at(-1)?.start ? 'second row of the same time' : null;
    const reason = barProblem(bar) ?? repeated;
    if (reason === null) bars.push(bar);
    else rejected.push({ line, reason });
  }
  return { ticker, timeframe: timeframe.label, bars, rejected };
}

function timeframeOf(sortedRows: Row[], label: string | undefined): Timeframe {
  if (label !== undefined) return parseTimeframe(label);
  const inferred = inferTimeframe([...new Set(sortedRows.map((row) => row.stamp))]);
  if (inferred !== null) return inferred;
  const only = sortedRows[0] as Row;
  if (only.stamp % DAY_MS === 0) return parseTimeframe('1d');
  throw new BarParseError('one row does not tell its timeframe: give the option `timeframe`', only.line);
}
