import { type Indicator } from './indicator';
import { SlidingMoments } from './sliding-moments';

/** Population standard deviation of the last `period` values (TA-Lib `STDDEV`, nbDev 1); first at index period - 1. */
export class StandardDeviation implements Indicator<number, number> {
  private readonly moments: SlidingMoments;

  constructor(period: number) {
    this.moments = new SlidingMoments(period);
  }

  update(value: number): number | null {
    return this.moments.push(value) ? Math.sqrt(this.moments.variance) : null;
  }
}
