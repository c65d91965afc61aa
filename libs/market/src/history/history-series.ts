import { type BarSeries } from '../bars/bar-series';
import { buildSeries } from '../bars/build-series';
import type { OhlcvRow, OhlcvRows } from '../bars/read-ohlcv-rows';

/** How one file of a series was read, so that a wrong guess is visible. */
export interface HistorySource {
  readonly file: string;
  readonly timeColumn: string;
  /** e.g. `YYYYMMDD numbers`. */
  readonly timeForm: string;
  /** Which end of a bar the file's times denote. */
  readonly stampedAt: 'start' | 'end';
  /** Null where the file has no volume. */
  readonly volumeColumn: string | null;
}

/** An interval without bars between two files of a series, epoch ms. */
export interface HistoryGap {
  readonly from: number;
  readonly to: number;
}

/** The bars of one ticker from all its files, and how they were read. */
export interface HistorySeries extends BarSeries {
  readonly sources: readonly HistorySource[];
  /** Gaps between files only: longer than every pause inside them. */
  readonly gaps: readonly HistoryGap[];
}

/** One parsed file, with its path. */
export interface HistoryRows extends OhlcvRows {
  readonly file: string;
}

/**
 * Merges files into one series per ticker. Where files overlap, the file listed first wins, and the repeats are counted
 * as rejected rows.
 * @throws BarParseError, TimeframeConflictError see `buildSeries`
 */
export function mergeHistory(files: readonly HistoryRows[], now: number): HistorySeries[] {
  const tickers = new Set(files.flatMap(({ rowsByTicker }) => [...rowsByTicker.keys()]));
  return [...tickers].map((ticker) => {
    const used = files.filter(({ rowsByTicker }) => rowsByTicker.has(ticker));
    const parts = used.map(({ file, rowsByTicker, timeColumn, closesAfterMs }) => {
      return { file, rows: rowsByTicker.get(ticker) ?? [], timeColumn, closesAfterMs };
    });
    const series = buildSeries({ ticker, parts, now });
    return { ...series, sources: used.map(sourceOf), gaps: gapsBetween(parts.map(({ rows }) => rows)) };
  });
}

function sourceOf({ file, timeColumn, timeForm, closesAfterMs, volumeColumn }: HistoryRows): HistorySource {
  return { file, timeColumn, timeForm, stampedAt: closesAfterMs === null ? 'start' : 'end', volumeColumn };
}

/** Weekends and holidays inside the files are as long, so they are not gaps. */
function gapsBetween(parts: readonly (readonly OhlcvRow[])[]): HistoryGap[] {
  if (parts.length < 2) return [];
  let longestPause = 0;
  const ranges = parts.map((rows) => {
    const stamps = rows.map(({ stamp }) => stamp).sort((a, b) => a - b);
    stamps.forEach((stamp, index) => {
      if (index > 0) longestPause = Math.max(longestPause, stamp - (stamps[index - 1] as number));
    });
    return { from: stamps[0] as number, to: stamps.at(-1) as number };
  });
  ranges.sort((a, b) => a.from - b.from);
  const gaps: HistoryGap[] = [];
  let coveredTo = ranges[0]?.to ?? 0;
  for (const { from, to } of ranges) {
    if (from - coveredTo > longestPause) gaps.push({ from: coveredTo, to: from });
    coveredTo = Math.max(coveredTo, to);
  }
  return gaps;
}
