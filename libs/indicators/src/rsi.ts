import { type Indicator, requireFinite } from './indicator';
import { WilderAverage } from './wilder-average';

/**
 * Relative strength index, 0..100 (Wilder 1978, TA-Lib `RSI`): 100 * G / (G + L) with Wilder averages of gains and
 * losses; first value at index `period`. One choice of our own: a series that has not moved at all gives 50, not
 * TA-Lib's 0, which would read as oversold.
 */
export class Rsi implements Indicator<number, number> {
  private readonly gains: WilderAverage;
  private readonly losses: WilderAverage;
  private previous: number | null = null;

  constructor(period = 14) {
    this.gains = new WilderAverage(period);
    this.losses = new WilderAverage(period);
  }

  update(value: number): number | null {
    requireFinite(value);
    const previous = this.previous;
    this.previous = value;
    if (previous === null) return null;
    const change = value - previous;
    const gain = this.gains.update(Math.max(change, 0));
    const loss = this.losses.update(Math.max(-change, 0));
    if (gain === null || loss === null) return null;
    return gain + loss === 0 ? 50 : (100 * gain) / (gain + loss);
  }
}
