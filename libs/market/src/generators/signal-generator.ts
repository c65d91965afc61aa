import type { Bar } from '../bars/bar';
import type { SignalDirection } from './signal-direction';

/** A generator's signal for the bar it was just given; the caller adds ticker, source and ids. */
export interface GeneratedSignal {
  readonly signalType: string;
  readonly direction: SignalDirection;
  /** 0..100, by the documented rule of each generator; not a calibrated probability. */
  readonly confidence: number;
  /** One English sentence with the deciding values. */
  readonly reasoning: string;
  /** Wire form (snake case): generator, version, bar and the indicator values behind the signal. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Watches one series (one ticker at one timeframe) and gives at most one signal per bar. Pass closed bars only, oldest
 * first. It never looks ahead, so a replay gives the same signals as live bars.
 */
export interface SignalGenerator {
  readonly name: string;
  /** Part of the signal id. Increase it whenever a rule change affects the emitted signals. */
  readonly version: number;
  onBar(bar: Bar): GeneratedSignal | null;
}

/** Version of the rules in this folder. */
export const GENERATOR_VERSION = 1;

/** Maps 0..infinity to 0..1: x / (1 + x). Plain arithmetic, so equal on every machine; negative input gives 0. */
export function squash(x: number): number {
  if (!(x > 0)) return 0;
  return x === Infinity ? 1 : x / (1 + x);
}

/** Clamps to 0..100 and rounds to one decimal. */
export function toConfidence(value: number): number {
  return Math.round(Math.min(100, Math.max(0, value)) * 10) / 10;
}

/** Rounds to ten significant digits, which removes binary noise from the wire format. */
export function rounded(value: number): number {
  return Number(value.toPrecision(10));
}

/** Wire metadata common to all generators, plus the indicator values of this one. */
export function buildMetadata(name: string, bar: Bar, values: Record<string, number>): Record<string, unknown> {
  const metadata: Record<string, unknown> = {
    generator: name,
    generator_version: GENERATOR_VERSION,
    bar_start: new Date(bar.start).toISOString(),
    close: bar.close,
  };
  for (const [key, value] of Object.entries(values)) metadata[key] = rounded(value);
  return metadata;
}
