import { type Indicator, requireFinite, requirePeriod } from './indicator';

export interface DonchianValue {
  /** Highest high of the previous bars. */
  readonly upper: number;
  /** Lowest low of the previous bars. */
  readonly lower: number;
  readonly middle: number;
}

/**
 * Donchian channel (Richard Donchian) of the PREVIOUS `period` bars, the current one excluded, so that a close can lie
 * outside; first value at index `period`.
 */
export class Donchian implements Indicator<{ readonly high: number; readonly low: number }, DonchianValue> {
  private readonly period: number;
  private readonly highs: SlidingMaximum;
  private readonly negatedLows: SlidingMaximum;
  private seen = 0;

  constructor(period = 20) {
    this.period = requirePeriod(period, 'period');
    this.highs = new SlidingMaximum(period);
    this.negatedLows = new SlidingMaximum(period);
  }

  update(bar: { readonly high: number; readonly low: number }): DonchianValue | null {
    requireFinite(bar.high);
    requireFinite(bar.low);
    const channel = this.seen < this.period ? null : this.channel();
    this.seen += 1;
    this.highs.push(bar.high);
    this.negatedLows.push(-bar.low);
    return channel;
  }

  private channel(): DonchianValue {
    const upper = this.highs.maximum;
    const lower = -this.negatedLows.maximum;
    return { upper, lower, middle: (upper + lower) / 2 };
  }
}

/** Maximum of the last `period` values by a monotonic deque: each value enters and leaves at most once. */
class SlidingMaximum {
  private readonly period: number;
  // A ring of the values that may still become the maximum, in falling order, with the index each came at.
  private readonly values: Float64Array;
  private readonly indices: Float64Array;
  private head = 0;
  private size = 0;
  private next = 0;

  constructor(period: number) {
    this.period = period;
    this.values = new Float64Array(period);
    this.indices = new Float64Array(period);
  }

  get maximum(): number {
    return this.values[this.head] as number;
  }

  push(value: number): void {
    if (this.size > 0 && (this.indices[this.head] as number) <= this.next - this.period) {
      this.head = (this.head + 1) % this.period;
      this.size -= 1;
    }
    while (this.size > 0 && (this.values[this.slot(this.size - 1)] as number) <= value) this.size -= 1;
    const slot = this.slot(this.size);
    this.values[slot] = value;
    this.indices[slot] = this.next;
    this.size += 1;
    this.next += 1;
  }

  private slot(offset: number): number {
    return (this.head + offset) % this.period;
  }
}
