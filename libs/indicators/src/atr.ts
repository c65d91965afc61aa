import { type Indicator, requireFinite } from './indicator';
import { WilderAverage } from './wilder-average';

/** What range indicators read of a bar. */
export interface RangeInput {
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/**
 * True range (Wilder 1978, TA-Lib `TRANGE`): max(high, previous close) - min(low, previous close). Undefined, so null,
 * for the first bar; some libraries give high - low there.
 */
export class TrueRange implements Indicator<RangeInput, number> {
  private previousClose: number | null = null;

  update(bar: RangeInput): number | null {
    requireFinite(bar.high);
    requireFinite(bar.low);
    requireFinite(bar.close);
    const previousClose = this.previousClose;
    this.previousClose = bar.close;
    if (previousClose === null) return null;
    return Math.max(bar.high, previousClose) - Math.min(bar.low, previousClose);
  }
}

/** Average true range (Wilder 1978, TA-Lib `ATR`): Wilder average of the true ranges 1..n; first value at index n. */
export class Atr implements Indicator<RangeInput, number> {
  private readonly range = new TrueRange();
  private readonly average: WilderAverage;

  constructor(period = 14) {
    this.average = new WilderAverage(period);
  }

  update(bar: RangeInput): number | null {
    const range = this.range.update(bar);
    return range === null ? null : this.average.update(range);
  }
}
