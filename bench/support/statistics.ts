import type { BenchResult } from './bench';

/** The middle value, or the mean of the middle two for an even count. NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (Number.isInteger(middle)) return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
  return sorted[Math.floor(middle)] ?? NaN;
}

/** Figure and ceiling of one run, measured one after the other under the same load. */
export interface Measured {
  readonly figure: number;
  readonly ceiling: number;
}

/** Medians of several runs. The ratio is the median of the runs' own ratios, because changing load affects both sides of a ratio. */
export function summarise(runs: readonly Measured[]): Measured & { readonly ratio: number; readonly ratios: number[] } {
  const ratios = runs.map(({ figure, ceiling }) => figure / ceiling);
  return {
    figure: median(runs.map(({ figure }) => figure)),
    ceiling: median(runs.map(({ ceiling }) => ceiling)),
    ratio: median(ratios),
    ratios: ratios.map((ratio) => round(ratio)),
  };
}

/** Three significant digits below 1,000, whole numbers above. */
export function round(value: number): number {
  if (!Number.isFinite(value)) return value;
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3));
}

/** The result with its numbers rounded for printing. */
export function rounded(result: BenchResult): BenchResult {
  const entries = Object.entries(result).map(([key, value]) => [key, typeof value === 'number' ? round(value) : value]);
  return Object.fromEntries(entries) as unknown as BenchResult;
}
