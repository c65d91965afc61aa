import { type Indicator } from './indicator';
import { SlidingMoments } from './sliding-moments';

export interface VolumeStatsValue {
  readonly mean: number;
  /** Population standard deviation. */
  readonly standardDeviation: number;
}

/**
 * Mean and population standard deviation of the PREVIOUS `period` volumes, the current one excluded, so that a spike
 * does not raise the level it is measured against; first value at index `period`.
 */
export class VolumeStats implements Indicator<number, VolumeStatsValue> {
  private readonly moments: SlidingMoments;
  private previous: VolumeStatsValue | null = null;

  constructor(period = 20) {
    this.moments = new SlidingMoments(period);
  }

  update(volume: number): VolumeStatsValue | null {
    const full = this.moments.push(volume);
    const before = this.previous;
    if (full) {
      this.previous = { mean: this.moments.mean, standardDeviation: Math.sqrt(this.moments.variance) };
    }
    return before;
  }
}
