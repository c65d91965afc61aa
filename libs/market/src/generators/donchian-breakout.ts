import type { Bar } from '../bars/bar';
import { Donchian } from '@tripline/indicators';
import { Excursion } from './crossing';
import {
  buildMetadata,
  GENERATOR_VERSION,
  type GeneratedSignal,
  type SignalGenerator,
  squash,
  toConfidence,
} from './signal-generator';

export interface DonchianBreakoutOptions {
  /** Bars of the channel, default 20. */
  readonly period?: number;
}

/**
 * Close above the highest high (BULLISH) or below the lowest low (BEARISH) of the previous 20 bars. Re-armed when a
 * close lies inside the channel of its own day, so a trend gives one signal per leg, not one per bar.
 *
 * Confidence = 50 + up to 50 for the distance beyond the channel (half of it at a tenth of the channel's width, or at
 * 0.1 % of the close if the channel is narrower than 1 %).
 */
export function createDonchianBreakout(options: DonchianBreakoutOptions = {}): SignalGenerator {
  const name = 'donchian_breakout';
  const period = options.period ?? 20;
  const indicator = new Donchian(period);
  // The closes of the channel's bars lie inside it, so the first bar with a channel can already break out.
  const excursion = new Excursion(true);

  function onBar(bar: Bar): GeneratedSignal | null {
    const channel = indicator.update(bar);
    if (channel === null) return null;
    const { upper, lower } = channel;
    const left = excursion.update(bar.close > upper ? 'above' : bar.close < lower ? 'below' : 'inside');
    if (left === null) return null;
    const edge = left === 'above' ? upper : lower;
    const unit = 0.1 * Math.max(upper - lower, 0.01 * bar.close);
    return {
      signalType: name,
      direction: left === 'above' ? 'BULLISH' : 'BEARISH',
      confidence: toConfidence(50 + 50 * squash(Math.abs(bar.close - edge) / unit)),
      reasoning: `Close ${bar.close} broke the ${left === 'above' ? `highest high (${upper})` : `lowest low (${lower})`} of the previous ${period} bars.`,
      metadata: buildMetadata(name, bar, { donchian_upper: upper, donchian_lower: lower }),
    };
  }

  return { name, version: GENERATOR_VERSION, onBar };
}
