import { type Indicator } from './indicator';
import { SlidingMoments } from './sliding-moments';

/** Simple moving average: mean of the last `period` values (TA-Lib `SMA`); first value at index period - 1. */
export class Sma implements Indicator<number, number> {
  private readonly moments: SlidingMoments;

  constructor(period: number) {
    this.moments = new SlidingMoments(period);
  }

  update(value: number): number | null {
    return this.moments.push(value) ? this.moments.mean : null;
  }
}
