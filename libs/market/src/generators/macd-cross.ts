import type { Bar } from '../bars/bar';
import { Macd } from '@tripline/indicators';
import { Crossing } from './crossing';
import {
  buildMetadata,
  GENERATOR_VERSION,
  type GeneratedSignal,
  type SignalGenerator,
  squash,
  toConfidence,
} from './signal-generator';

export interface MacdCrossOptions {
  /** Default 12. */
  readonly fastPeriod?: number;
  /** Default 26. */
  readonly slowPeriod?: number;
  /** Default 9. */
  readonly signalPeriod?: number;
}

/**
 * MACD line crosses its signal line: up BULLISH, down BEARISH.
 *
 * Confidence = 50 + up to 40 for the change of the histogram since the previous bar (half of it at 0.1 % of the close)
 * + 10 when an upward cross happens below the zero line, or a downward one above it: early in the swing.
 */
export function createMacdCross(options: MacdCrossOptions = {}): SignalGenerator {
  const name = 'macd_cross';
  const indicator = new Macd(options.fastPeriod, options.slowPeriod, options.signalPeriod);
  const crossing = new Crossing();
  let previousHistogram = 0;

  function onBar(bar: Bar): GeneratedSignal | null {
    const value = indicator.update(bar.close);
    if (value === null) return null;
    const crossed = crossing.update(value.histogram, bar.close);
    const change = Math.abs(value.histogram - previousHistogram);
    previousHistogram = value.histogram;
    if (crossed === null) return null;
    const early = crossed === 'up' ? value.macd < 0 : value.macd > 0;
    const { macd, signal, histogram } = value;
    return {
      signalType: name,
      direction: crossed === 'up' ? 'BULLISH' : 'BEARISH',
      confidence: toConfidence(50 + 40 * squash(change / (0.001 * bar.close)) + (early ? 10 : 0)),
      reasoning: `MACD (${macd.toFixed(4)}) crossed ${crossed === 'up' ? 'above' : 'below'} its signal line (${signal.toFixed(4)}); close ${bar.close}.`,
      metadata: buildMetadata(name, bar, { macd, macd_signal: signal, macd_histogram: histogram }),
    };
  }

  return { name, version: GENERATOR_VERSION, onBar };
}
