import { type Indicator } from './indicator';
import { SlidingMoments } from './sliding-moments';

export interface BollingerValue {
  readonly upper: number;
  readonly middle: number;
  readonly lower: number;
  /** Population standard deviation of the window. */
  readonly standardDeviation: number;
  /** Where the value lies: 0 at the lower band, 1 at the upper; null when the bands coincide. */
  readonly percentB: number | null;
  /** Width over middle; null when the middle is 0. */
  readonly bandwidth: number | null;
}

/**
 * Bollinger bands (John Bollinger; TA-Lib `BBANDS` with SMA): mean of the last `period` values, plus and minus
 * `multiple` POPULATION standard deviations; first at index period - 1. The current value is part of the window.
 */
export class BollingerBands implements Indicator<number, BollingerValue> {
  private readonly moments: SlidingMoments;
  private readonly multiple: number;

  constructor(period = 20, multiple = 2) {
    if (!(multiple > 0)) throw new RangeError(`multiple must be greater than 0, got ${multiple}`);
    this.moments = new SlidingMoments(period);
    this.multiple = multiple;
  }

  update(value: number): BollingerValue | null {
    if (!this.moments.push(value)) return null;
    const middle = this.moments.mean;
    const standardDeviation = Math.sqrt(this.moments.variance);
    const upper = middle + this.multiple * standardDeviation;
    const lower = middle - this.multiple * standardDeviation;
    const width = upper - lower;
    return {
      upper,
      middle,
      lower,
      standardDeviation,
      percentB: width === 0 ? null : (value - lower) / width,
      bandwidth: middle === 0 ? null : width / middle,
    };
  }
}
