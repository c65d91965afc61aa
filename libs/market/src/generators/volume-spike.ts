import type { Bar } from '../bars/bar';
import { VolumeStats } from '@tripline/indicators';
import {
  buildMetadata,
  GENERATOR_VERSION,
  type GeneratedSignal,
  type SignalGenerator,
  squash,
  toConfidence,
} from './signal-generator';

export interface VolumeSpikeOptions {
  /** Number of previous bars that define the usual volume, default 20. */
  readonly period?: number;
  /** Multiple of the usual volume that counts as a spike, default 2. */
  readonly minRatio?: number;
}

/**
 * Volume of at least twice the mean of the previous 20 bars; the direction is that of the bar (close against open,
 * NEUTRAL when equal). Bars without volume (fillers, indices without volume) are left out altogether; a window without
 * any variation gives no signal.
 *
 * Confidence = 50 + up to 50 for the excess over the required ratio (half of it at twice that ratio).
 */
export function createVolumeSpike(options: VolumeSpikeOptions = {}): SignalGenerator {
  const name = 'volume_spike';
  const period = options.period ?? 20;
  const minRatio = options.minRatio ?? 2;
  if (!(minRatio > 1)) throw new RangeError('minRatio must be greater than 1');
  const indicator = new VolumeStats(period);

  function onBar(bar: Bar): GeneratedSignal | null {
    if (!(bar.volume > 0)) return null;
    const stats = indicator.update(bar.volume);
    if (stats === null || stats.mean === 0 || stats.standardDeviation === 0) return null;
    const ratio = bar.volume / stats.mean;
    if (ratio < minRatio) return null;
    const direction = bar.close > bar.open ? 'BULLISH' : bar.close < bar.open ? 'BEARISH' : 'NEUTRAL';
    return {
      signalType: name,
      direction,
      confidence: toConfidence(50 + 50 * squash((ratio - minRatio) / minRatio)),
      reasoning: `Volume ${bar.volume} is ${ratio.toFixed(2)} times the mean of the previous ${period} bars; the bar went from ${bar.open} to ${bar.close}.`,
      metadata: buildMetadata(name, bar, {
        volume: bar.volume,
        volume_mean: stats.mean,
        volume_ratio: ratio,
        volume_z: (bar.volume - stats.mean) / stats.standardDeviation,
      }),
    };
  }

  return { name, version: GENERATOR_VERSION, onBar };
}
