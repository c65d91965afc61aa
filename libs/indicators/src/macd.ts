import { Ema } from './ema';
import { type Indicator, requirePeriod } from './indicator';

export interface MacdValue {
  /** Fast EMA minus slow EMA. */
  readonly macd: number;
  /** EMA of `macd`. */
  readonly signal: number;
  /** `macd` minus `signal`. */
  readonly histogram: number;
}

/**
 * Moving average convergence/divergence as TA-Lib's `MACD` computes it: the fast EMA ignores the first slow - fast
 * values, so that both EMAs are seeded by windows that end at the same bar (with 12/26: bars 14..25 and 0..25). An
 * implementation that seeds the fast EMA with bars 0..11 differs early and agrees to 1e-6 after some 150 bars. All three
 * values appear together, first at index slow + signal - 2 (33 with the defaults).
 */
export class Macd implements Indicator<number, MacdValue> {
  private readonly fast: Ema;
  private readonly slow: Ema;
  private readonly signal: Ema;
  private valuesBeforeFast: number;

  constructor(fastPeriod = 12, slowPeriod = 26, signalPeriod = 9) {
    requirePeriod(slowPeriod, 'slowPeriod', fastPeriod + 1);
    this.fast = new Ema(fastPeriod);
    this.slow = new Ema(slowPeriod);
    this.signal = new Ema(signalPeriod);
    this.valuesBeforeFast = slowPeriod - fastPeriod;
  }

  update(value: number): MacdValue | null {
    const slow = this.slow.update(value);
    if (this.valuesBeforeFast > 0) {
      this.valuesBeforeFast -= 1;
      return null;
    }
    const fast = this.fast.update(value);
    if (fast === null || slow === null) return null;
    const macd = fast - slow;
    const signal = this.signal.update(macd);
    return signal === null ? null : { macd, signal, histogram: macd - signal };
  }
}
