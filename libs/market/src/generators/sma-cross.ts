import type { Bar } from '../bars/bar';
import { Sma } from '@tripline/indicators';
import { Crossing } from './crossing';
import {
  buildMetadata,
  GENERATOR_VERSION,
  type GeneratedSignal,
  type SignalGenerator,
  squash,
  toConfidence,
} from './signal-generator';

export interface SmaCrossOptions {
  /** Default 50. */
  readonly fastPeriod?: number;
  /** Default 200. */
  readonly slowPeriod?: number;
}

type SmaCrossName = 'golden_cross' | 'death_cross';

/**
 * Golden cross: SMA 50 of the close crosses above SMA 200 (BULLISH); death cross: below (BEARISH). The first possible
 * event is at bar 200 (0-based). Give it split-adjusted closes: a raw 7:1 split looks like a crash.
 *
 * Confidence = 50 + up to 25 for how far the close already lies beyond the slow average in the direction of the cross
 * (half of it at 5 %) + up to 15 for the slope of the fast average (half of it at 0.1 % per bar) + 10 when the slow
 * average itself moves in the direction of the cross; minus up to 25 when the close lies on the wrong side.
 */
export function createSmaCross(name: SmaCrossName, options: SmaCrossOptions = {}): SignalGenerator {
  const fastPeriod = options.fastPeriod ?? 50;
  const slowPeriod = options.slowPeriod ?? 200;
  if (fastPeriod >= slowPeriod) throw new RangeError('fastPeriod must be less than slowPeriod');
  const fastAverage = new Sma(fastPeriod);
  const slowAverage = new Sma(slowPeriod);
  const crossing = new Crossing();
  const wanted = name === 'golden_cross' ? 'up' : 'down';
  let previousFast = 0;
  let previousSlow = 0;

  function onBar(bar: Bar): GeneratedSignal | null {
    const fast = fastAverage.update(bar.close);
    const slow = slowAverage.update(bar.close);
    if (fast === null || slow === null) return null;
    const crossed = crossing.update(fast - slow, slow);
    const fastSlope = fast / previousFast - 1;
    const slowSlope = slow / previousSlow - 1;
    previousFast = fast;
    previousSlow = slow;
    return crossed === wanted ? describe(bar, { fast, slow, fastSlope, slowSlope }) : null;
  }

  function describe(bar: Bar, at: { fast: number; slow: number; fastSlope: number; slowSlope: number }) {
    const sign = wanted === 'up' ? 1 : -1;
    const distance = sign * (bar.close / at.slow - 1);
    const confidence =
      50 +
      25 * (squash(distance / 0.05) - squash(-distance / 0.05)) +
      15 * squash((sign * at.fastSlope) / 0.001) +
      (sign * at.slowSlope > 0 ? 10 : 0);
    const values = { [`sma_${fastPeriod}`]: at.fast, [`sma_${slowPeriod}`]: at.slow };
    return {
      signalType: name,
      direction: wanted === 'up' ? 'BULLISH' : 'BEARISH',
      confidence: toConfidence(confidence),
      reasoning: `SMA ${fastPeriod} (${at.fast.toFixed(2)}) crossed ${wanted === 'up' ? 'above' : 'below'} SMA ${slowPeriod} (${at.slow.toFixed(2)}); close ${bar.close}.`,
      metadata: buildMetadata(name, bar, values),
    } as const;
  }

  return { name, version: GENERATOR_VERSION, onBar };
}
