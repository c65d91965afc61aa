import type { BarSeries } from './bar-series';
import { buildSeries } from './build-series';
import { readOhlcvRows, type ReadRowsOptions } from './read-ohlcv-rows';

export interface ParseOhlcvOptions extends ReadRowsOptions {
  /** Label such as `1d`; default: inferred from the median spacing of the bars. */
  readonly timeframe?: string;
  /**
   * Which end of its interval a row's time denotes. Default: the end if all times are last moments (23:59:59), else the
   * start.
   */
  readonly stampedAt?: 'start' | 'end';
  /**
   * Current time, epoch ms. A bar that starts more than a day later is rejected, a weekly one more than a week.
   * Default: no limit.
   */
  readonly now?: number;
}

/**
 * Reads OHLCV bars from a CSV text with a header. Columns are found by name (date | timestamp | time | datetime |
 * epoch, open, high, low, close | price | adj close, volume, symbol | ticker), in any order and case. A file with only
 * a price gives flat bars; one without volume gives volume 0. A date without a time is UTC midnight, so a daily bar
 * covers [midnight, next midnight). Monthly bars cover their calendar month. Times without a zone are read as UTC.
 *
 * Rows may be in any order; every ticker becomes one series. A well-formed row that cannot be used (contradictory OHLC,
 * price not above 0, negative volume, repeated time) goes to `rejected` with its reason.
 * @throws BarParseError on malformed input: no header, missing column, wrong field count, unreadable cell, impossible
 * time. It names line and column.
 */
export function parseOhlcvCsv(text: string, options: ParseOhlcvOptions = {}): BarSeries[] {
  const { rowsByTicker, timeColumn, closesAfterMs } = readOhlcvRows(text, options);
  return [...rowsByTicker].map(([ticker, rows]) =>
    buildSeries({ ...options, ticker, parts: [{ rows, timeColumn, closesAfterMs }] }),
  );
}
