import { type Indicator, requireFinite, requirePeriod } from './indicator';

/**
 * Exponential moving average (TA-Lib `EMA`): k = 2 / (period + 1), e += k * (x - e), seeded with the mean of the first
 * `period` values at index period - 1. Libraries that seed with the first value differ early and converge.
 */
export class Ema implements Indicator<number, number> {
  private readonly period: number;
  private readonly factor: number;
  private seen = 0;
  private value = 0;

  constructor(period: number) {
    this.period = requirePeriod(period, 'period');
    this.factor = 2 / (period + 1);
  }

  update(input: number): number | null {
    requireFinite(input);
    if (this.seen < this.period) {
      this.seen += 1;
      // Running mean of the seed values.
      this.value += (input - this.value) / this.seen;
      return this.seen === this.period ? this.value : null;
    }
    this.value += this.factor * (input - this.value);
    return this.value;
  }
}
