import { type Indicator, requireFinite, requirePeriod } from './indicator';

/**
 * Wilder's smoothing (J. Welles Wilder, New Concepts in Technical Trading Systems, 1978): mean of the first `period`
 * values, then avg = (avg * (period - 1) + x) / period.
 */
export class WilderAverage implements Indicator<number, number> {
  private readonly period: number;
  private seen = 0;
  private value = 0;

  constructor(period: number) {
    this.period = requirePeriod(period, 'period');
  }

  update(input: number): number | null {
    requireFinite(input);
    if (this.seen < this.period) {
      this.seen += 1;
      this.value += (input - this.value) / this.seen;
      return this.seen === this.period ? this.value : null;
    }
    this.value = (this.value * (this.period - 1) + input) / this.period;
    return this.value;
  }
}
