import type { Bar } from './bar';

/** The known part of a series at a given time, and the bar that follows. */
export interface BarReader {
  /** The last `count` bars that had ended by `time` (end <= time), oldest first; fewer at the start of the series. */
  asOf(time: number, count: number): Bar[];
  /** The first bar that starts at or after `time`; null when there is none (yet). */
  nextAfter(time: number): Bar | null;
}

/** A stored series, searched in O(log n). */
export class BarHistory implements BarReader {
  readonly bars: readonly Bar[];

  /** @throws RangeError unless starts and ends are strictly increasing */
  constructor(bars: readonly Bar[]) {
    for (let index = 1; index < bars.length; index += 1) {
      const [previous, bar] = [bars[index - 1] as Bar, bars[index] as Bar];
      if (bar.start <= previous.start || bar.end <= previous.end) {
        throw new RangeError(`bars must be in ascending order of time; bar ${index} is not`);
      }
    }
    this.bars = bars;
  }

  asOf(time: number, count: number): Bar[] {
    const closed = this.countWhile((bar) => bar.end <= time);
    return this.bars.slice(Math.max(0, closed - count), closed);
  }

  nextAfter(time: number): Bar | null {
    return this.bars[this.countWhile((bar) => bar.start < time)] ?? null;
  }

  /** Length of the prefix for which the monotonic predicate holds. */
  private countWhile(test: (bar: Bar) => boolean): number {
    let low = 0;
    let high = this.bars.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (test(this.bars[middle] as Bar)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
