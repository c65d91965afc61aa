import type { Bar } from '../bars/bar';
import { Rsi } from '@tripline/indicators';
import { Excursion } from './crossing';
import {
  buildMetadata,
  GENERATOR_VERSION,
  type GeneratedSignal,
  type SignalGenerator,
  toConfidence,
} from './signal-generator';

export interface RsiOptions {
  /** Default 14. */
  readonly period?: number;
  /** Default 30. */
  readonly oversold?: number;
  /** Default 70. */
  readonly overbought?: number;
}

/**
 * RSI falls below 30: `rsi_oversold` (BULLISH); rises above 70: `rsi_overbought` (BEARISH). Once per excursion: the next
 * one needs the RSI to come back between the levels first.
 *
 * Confidence = 50 at the level, rising in proportion to 100 at RSI 0 (or 100).
 */
export function createRsiExtreme(options: RsiOptions = {}): SignalGenerator {
  const name = 'rsi';
  const period = options.period ?? 14;
  const oversold = options.oversold ?? 30;
  const overbought = options.overbought ?? 70;
  if (!(oversold > 0 && oversold < overbought && overbought < 100)) {
    throw new RangeError('levels must satisfy 0 < oversold < overbought < 100');
  }
  const indicator = new Rsi(period);
  const excursion = new Excursion();

  function onBar(bar: Bar): GeneratedSignal | null {
    const rsi = indicator.update(bar.close);
    if (rsi === null) return null;
    const left = excursion.update(rsi < oversold ? 'below' : rsi > overbought ? 'above' : 'inside');
    if (left === null) return null;
    const level = left === 'below' ? oversold : overbought;
    const depth = left === 'below' ? (oversold - rsi) / oversold : (rsi - overbought) / (100 - overbought);
    return {
      signalType: left === 'below' ? 'rsi_oversold' : 'rsi_overbought',
      direction: left === 'below' ? 'BULLISH' : 'BEARISH',
      confidence: toConfidence(50 + 50 * depth),
      reasoning: `RSI ${period} ${left === 'below' ? 'fell below' : 'rose above'} ${level} to ${rsi.toFixed(2)}; close ${bar.close}.`,
      metadata: buildMetadata(name, bar, { [`rsi_${period}`]: rsi, level }),
    };
  }

  return { name, version: GENERATOR_VERSION, onBar };
}
