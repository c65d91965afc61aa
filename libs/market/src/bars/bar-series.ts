import type { Bar } from './bar';

/** Why a row of a file is not used. */
export const REJECTION_KINDS = [
  'exact_repeat',
  'conflicting_repeat',
  'contradictory_ohlc',
  'price_not_positive',
  'negative_volume',
  'not_finite',
] as const;
export type RejectionKind = (typeof REJECTION_KINDS)[number];

/** A row that parses but is not used. It is kept beside the bars, so that no row is dropped silently. */
export interface RejectedRow {
  /** Path, if the row comes from a file. */
  readonly file?: string;
  /** 1-based line of the file. */
  readonly line: number;
  readonly kind: RejectionKind;
  /** Human-readable, with the values that violate the rule. */
  readonly reason: string;
}

/** Bars of one ticker at one timeframe, with strictly increasing starts. */
export interface BarSeries {
  readonly ticker: string;
  /** Label, e.g. `1d`; see `parseTimeframe`. */
  readonly timeframe: string;
  readonly bars: readonly Bar[];
  readonly rejected: readonly RejectedRow[];
}

/** Number of rejected rows by kind; kinds without rows are omitted. */
export function countRejected(rejected: readonly RejectedRow[]): Partial<Record<RejectionKind, number>> {
  const counts: Partial<Record<RejectionKind, number>> = {};
  for (const { kind } of rejected) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/**
 * Share of a series' rows that passed the checks, 0..1 with four decimals: the `data_quality_score` of its signals. A
 * row that repeats another exactly does not count. A series without rows scores 0.
 */
export function dataQualityOf({ bars, rejected }: Pick<BarSeries, 'bars' | 'rejected'>): number {
  const faulty = rejected.reduce((sum, { kind }) => (kind === 'exact_repeat' ? sum : sum + 1), 0);
  const rows = bars.length + faulty;
  return rows === 0 ? 0 : Math.floor((bars.length / rows) * 10_000) / 10_000;
}

/**
 * Why the numbers are not a bar, or null: prices above 0, low <= open and close <= high, volume not negative, start
 * before end, everything finite.
 */
export function barProblem(bar: Bar): Pick<RejectedRow, 'kind' | 'reason'> | null {
  const { open, high, low, close, volume, start, end } = bar;
  // A sum is finite only if every part is (apart from overflow, which is not a valid price either).
  if (!Number.isFinite(open + high + low + close + volume + start + end)) {
    return { kind: 'not_finite', reason: 'a value is not finite' };
  }
  if (start >= end) return { kind: 'not_finite', reason: 'the bar does not start before it ends' };
  if (Math.min(open, high, low, close) <= 0) return { kind: 'price_not_positive', reason: 'a price is not above 0' };
  if (low > Math.min(open, close)) {
    return { kind: 'contradictory_ohlc', reason: `low ${low} is above open ${open} or close ${close}` };
  }
  if (high < Math.max(open, close)) {
    return { kind: 'contradictory_ohlc', reason: `high ${high} is below open ${open} or close ${close}` };
  }
  return volume < 0 ? { kind: 'negative_volume', reason: `volume ${volume} is negative` } : null;
}
