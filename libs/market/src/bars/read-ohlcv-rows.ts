import type { Bar } from './bar';
import { BarParseError } from './bar-parse-error';
import { findColumns, type OhlcvColumns } from './ohlcv-columns';
import { type CsvRecord, readCsv } from './read-csv';
import { TICKER_PATTERN, TICKER_RULE } from './ticker';
import { type ColumnTimes, isClock, readTimeColumn } from './time-column';

/** A row of a file. It is not yet a bar, because its interval depends on the whole series. */
export interface OhlcvRow extends Omit<Bar, 'start' | 'end'> {
  readonly line: number;
  /** The row's time, epoch ms: start or last moment of its interval. */
  readonly stamp: number;
}

/** One parsed file. */
export interface OhlcvRows {
  readonly rowsByTicker: ReadonlyMap<string, OhlcvRow[]>;
  readonly timeColumn: string;
  /** How the time column was read, e.g. `YYYYMMDD numbers`. */
  readonly timeForm: string;
  /** See `ColumnTimes`. */
  readonly closesAfterMs: number | null;
  /** The column used as volume; null where the file has none and volume is 0. */
  readonly volumeColumn: string | null;
}

export interface ReadRowsOptions {
  /** Ticker of a file without a symbol column. A symbol column takes precedence. */
  readonly ticker?: string | undefined;
  /** Use the adjusted close, and scale open, high and low by the same factor; default false: the close as traded. */
  readonly adjusted?: boolean | undefined;
}

/**
 * Reads the rows of a CSV text with a header; see `parseOhlcvCsv` for the columns.
 * @throws BarParseError on malformed input; it names line and column
 */
export function readOhlcvRows(text: string, options: ReadRowsOptions = {}): OhlcvRows {
  const [header, ...records] = readCsv(text);
  if (header === undefined) throw new BarParseError('the file is empty: it needs a header row', 1);
  const columns = findColumns(header.cells, header.line);
  if (options.adjusted === true && columns.adjustedClose === null) {
    throw new BarParseError('adjusted prices were requested, but there is no "adj close" column', header.line);
  }
  for (const { cells, line } of records) {
    if (cells.length === columns.names.length) continue;
    throw new BarParseError(`the row has ${cells.length} fields, but the header has ${columns.names.length}`, line);
  }
  const { name: timeColumn, times, description, closesAfterMs } = readTimes(records, columns);
  const volume = volumeColumnOf(records, columns);
  const rowsByTicker = new Map<string, OhlcvRow[]>();
  for (const [index, { cells, line }] of records.entries()) {
    const ticker = tickerOf(cells, columns, options.ticker);
    const row = readRow({ cells, line, columns, volume, stamp: times[index] as number }, options.adjusted === true);
    const rows = rowsByTicker.get(ticker);
    if (rows !== undefined) rows.push(row);
    else {
      checkTicker(ticker, line, columns);
      rowsByTicker.set(ticker, [row]);
    }
  }
  const volumeColumn = volume === null ? null : (columns.names[volume] ?? null);
  return { rowsByTicker, timeColumn, timeForm: description, closesAfterMs, volumeColumn };
}

function readTimes(records: readonly CsvRecord[], columns: OhlcvColumns): ColumnTimes & { readonly name: string } {
  const cellsOf = (column: number): string[] => records.map(({ cells }) => cells[column] ?? '');
  const { clock } = columns;
  // The column beside a date holds either the time of day or the whole time again.
  const isTimeOfDay = clock !== null && isClock(records[0]?.cells[clock] ?? '');
  const time = clock === null || isTimeOfDay ? columns.time : clock;
  const name = columns.names[time] ?? '';
  const times = readTimeColumn({
    name,
    cells: cellsOf(time),
    lines: records.map(({ line }) => line),
    isNamedEpoch: columns.isNamedEpoch,
    clock: isTimeOfDay ? { name: columns.names[clock] ?? '', cells: cellsOf(clock) } : null,
  });
  return { ...times, name };
}

/** The most likely column that is not all 0: MetaTrader writes zeros where a market reports no volume. */
function volumeColumnOf(records: readonly CsvRecord[], { volumes }: OhlcvColumns): number | null {
  const isUsed = (column: number): boolean => records.some(({ cells }) => Number(cells[column]) !== 0);
  return (volumes.length > 1 ? volumes.find(isUsed) : undefined) ?? volumes[0] ?? null;
}

function tickerOf(cells: string[], columns: OhlcvColumns, fallback: string | undefined): string {
  return (columns.ticker === null ? fallback : cells[columns.ticker]) ?? '';
}

/** Checked at the first row of each ticker. Otherwise a signal with an invalid ticker would end as a dead record. */
function checkTicker(ticker: string, line: number, columns: OhlcvColumns): void {
  if (TICKER_PATTERN.test(ticker)) return;
  const column = columns.ticker === null ? undefined : columns.names[columns.ticker];
  if (ticker !== '') throw new BarParseError(`"${ticker.slice(0, 40)}" is not a ticker: ${TICKER_RULE}`, line, column);
  if (column !== undefined) throw new BarParseError('the cell is empty', line, column);
  throw new BarParseError('there is no symbol column: put the ticker before the file, e.g. GOOG=goog.csv', line);
}

/** Number('') is 0 and Number('0x1f') is 31; only plain decimals are accepted here. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

interface RowInput extends CsvRecord {
  readonly columns: OhlcvColumns;
  readonly volume: number | null;
  readonly stamp: number;
}

function readRow({ cells, line, columns, volume: volumeColumn, stamp }: RowInput, adjusted: boolean): OhlcvRow {
  const number = (column: number | null, fallback: number): number => {
    if (column === null) return fallback;
    const cell = cells[column] ?? '';
    if (!DECIMAL.test(cell)) {
      throw new BarParseError(`"${cell.slice(0, 40)}" is not a number`, line, columns.names[column]);
    }
    return Number(cell);
  };
  const close = number(columns.close, NaN);
  const open = number(columns.open, close);
  const high = number(columns.high, Math.max(open, close));
  const low = number(columns.low, Math.min(open, close));
  const volume = number(volumeColumn, 0);
  if (!adjusted) return { line, stamp, open, high, low, close, volume };
  const adjustedClose = number(columns.adjustedClose, close);
  const factor = adjustedClose / close;
  // A close equal to the high or low stays equal: the scaled value may differ in the last bit.
  const scale = (price: number): number => (price === close ? adjustedClose : price * factor);
  return { line, stamp, open: scale(open), high: scale(high), low: scale(low), close: adjustedClose, volume };
}
