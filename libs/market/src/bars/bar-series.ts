import type { Bar } from './bar';

/** A row that parses but is no bar; kept beside the bars, so that nothing vanishes silently. */
export interface RejectedRow {
  /** 1-based line of the file. */
  readonly line: number;
  readonly reason: string;
}

/** Bars of one ticker at one timeframe, strictly rising starts. */
export interface BarSeries {
  readonly ticker: string;
  /** Label, e.g. `1d`; see `parseTimeframe`. */
  readonly timeframe: string;
  readonly bars: readonly Bar[];
  readonly rejected: readonly RejectedRow[];
}

/**
 * Share of a series' rows that passed the checks, 0..1 with four decimals: the `data_quality_score` of its signals. A series
 * without a row has passed none.
 */
export function dataQualityOf({ bars, rejected }: Pick<BarSeries, 'bars' | 'rejected'>): number {
  const rows = bars.length + rejected.length;
  return rows === 0 ? 0 : Math.floor((bars.length / rows) * 10_000) / 10_000;
}

/**
 * Why the numbers are no bar, or null: prices above 0, low <= open and close <= high, volume not negative, start
 * before end, everything finite.
 */
export function barProblem(bar: Bar): string | null {
  const { open, high, low, close, volume } = bar;
  if (![open, high, low, close, volume, bar.start, bar.end].every(Number.isFinite)) return 'a value is not finite';
  if (bar.start >= bar.end) return 'the bar does not start before it ends';
  if (Math.min(open, high, low, close) <= 0) return 'a price is not above 0';
  if (low > Math.min(open, close)) return `low ${low} is above open ${open} or close ${close}`;
  if (high < Math.max(open, close)) return `high ${high} is below open ${open} or close ${close}`;
  return volume < 0 ? `volume ${volume} is negative` : null;
}
