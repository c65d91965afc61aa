import type { Bar } from '../bars/bar';
import { BollingerBands } from '@tripline/indicators';
import { Excursion } from './crossing';
import {
  buildMetadata,
  GENERATOR_VERSION,
  type GeneratedSignal,
  type SignalGenerator,
  squash,
  toConfidence,
} from './signal-generator';

export interface BollingerBreakoutOptions {
  /** Default 20. */
  readonly period?: number;
  /** Standard deviations, default 2. */
  readonly multiple?: number;
}

/**
 * Close leaves the Bollinger bands: above BULLISH, below BEARISH (read as momentum, not as reversal). Once per
 * excursion. A flat window has no width and gives no signal.
 *
 * Confidence = 50 + up to 50 for the distance beyond the band (half of it at half a standard deviation).
 */
export function createBollingerBreakout(options: BollingerBreakoutOptions = {}): SignalGenerator {
  const name = 'bollinger_breakout';
  const multiple = options.multiple ?? 2;
  const indicator = new BollingerBands(options.period ?? 20, multiple);
  const excursion = new Excursion();

  function onBar(bar: Bar): GeneratedSignal | null {
    const bands = indicator.update(bar.close);
    if (bands === null) return null;
    const left = excursion.update(bar.close > bands.upper ? 'above' : bar.close < bands.lower ? 'below' : 'inside');
    if (left === null) return null;
    const band = left === 'above' ? bands.upper : bands.lower;
    const beyond = Math.abs(bar.close - band) / bands.standardDeviation;
    return {
      signalType: name,
      direction: left === 'above' ? 'BULLISH' : 'BEARISH',
      confidence: toConfidence(50 + 50 * squash(beyond / 0.5)),
      reasoning: `Close ${bar.close} left the ${left === 'above' ? 'upper' : 'lower'} Bollinger band (${band.toFixed(2)}, ${multiple} standard deviations).`,
      metadata: buildMetadata(name, bar, {
        bollinger_upper: bands.upper,
        bollinger_middle: bands.middle,
        bollinger_lower: bands.lower,
      }),
    };
  }

  return { name, version: GENERATOR_VERSION, onBar };
}
