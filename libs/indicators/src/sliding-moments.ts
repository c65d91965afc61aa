import { requireFinite, requirePeriod } from './indicator';

/**
 * Mean and population variance of the last `period` values, amortised O(1), without ever subtracting a value that
 * leaves the window: nothing drifts, and an outlier leaves no trace once it is out.
 *
 * The series is cut into blocks of `period`. A window is a suffix of the previous block plus a prefix of the current
 * one; suffix moments are computed once per finished block, prefix moments by Welford's update, and the two are merged
 * by the formula of Chan, Golub and LeVeque (1979). Equal values give exactly their mean and exactly zero variance.
 */
export class SlidingMoments {
  private readonly period: number;
  private readonly block: Float64Array;
  private readonly suffixMean: Float64Array;
  private readonly suffixM2: Float64Array;
  private filled = 0;
  private hasPreviousBlock = false;
  private prefixMean = 0;
  private prefixM2 = 0;

  /** Mean of the window; meaningful once `push` has returned true. */
  mean = 0;
  /** Sum of squared deviations from the mean over the window. */
  private m2 = 0;

  constructor(period: number) {
    this.period = requirePeriod(period, 'period');
    this.block = new Float64Array(period);
    this.suffixMean = new Float64Array(period);
    this.suffixM2 = new Float64Array(period);
  }

  /** Population variance: divided by n, not n - 1. */
  get variance(): number {
    return this.m2 / this.period;
  }

  /** Takes the next value; true when the window is full. */
  push(value: number): boolean {
    requireFinite(value);
    this.block[this.filled] = value;
    this.filled += 1;
    const delta = value - this.prefixMean;
    this.prefixMean += delta / this.filled;
    this.prefixM2 += delta * (value - this.prefixMean);

    if (this.filled === this.period) {
      this.mean = this.prefixMean;
      this.m2 = this.prefixM2;
      this.finishBlock();
      return true;
    }
    if (!this.hasPreviousBlock) return false;
    this.mergeSuffixWithPrefix();
    return true;
  }

  private mergeSuffixWithPrefix(): void {
    // The current block holds `filled` values, so the previous one still gives its last `period - filled`.
    const suffixMean = this.suffixMean[this.filled] as number;
    const delta = this.prefixMean - suffixMean;
    const share = this.filled / this.period;
    this.mean = suffixMean + delta * share;
    const suffixM2 = this.suffixM2[this.filled] as number;
    this.m2 = suffixM2 + this.prefixM2 + delta * delta * share * (this.period - this.filled);
  }

  private finishBlock(): void {
    let mean = 0;
    let m2 = 0;
    for (let index = this.period - 1; index >= 0; index -= 1) {
      const value = this.block[index] as number;
      const delta = value - mean;
      mean += delta / (this.period - index);
      m2 += delta * (value - mean);
      this.suffixMean[index] = mean;
      this.suffixM2[index] = m2;
    }
    this.hasPreviousBlock = true;
    this.filled = 0;
    this.prefixMean = 0;
    this.prefixM2 = 0;
  }
}
