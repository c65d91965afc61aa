import type { Bar } from '../bars/bar';
import type { SignalDirection } from './signal-direction';

/** What a generator says about the bar it was just given; the caller adds ticker, source and ids. */
export interface GeneratedSignal {
  readonly signalType: string;
  readonly direction: SignalDirection;
  /** 0..100, by the rule each generator documents; not a calibrated probability. */
  readonly confidence: number;
  /** One English sentence with the values that decided. */
  readonly reasoning: string;
  /** Wire form (snake case): generator, version, bar and the indicator values the signal rests on. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Watches one series (one ticker at one timeframe) and speaks at most once per bar. Give it closed bars only, oldest
 * first; it never looks ahead, so a replay gives the signals that live bars would have given.
 */
export interface SignalGenerator {
  readonly name: string;
  /** Part of the signal id: raised whenever a rule changes what is emitted. */
  readonly version: number;
  onBar(bar: Bar): GeneratedSignal | null;
}

/** Version of the rules in this folder. */
export const GENERATOR_VERSION = 1;

/** Maps 0..infinity onto 0..1: x / (1 + x). Plain arithmetic, so equal on every machine; negative input gives 0. */
export function squash(x: number): number {
  if (!(x > 0)) return 0;
  return x === Infinity ? 1 : x / (1 + x);
}

/** Clamps to 0..100 and rounds to one decimal. */
export function toConfidence(value: number): number {
  return Math.round(Math.min(100, Math.max(0, value)) * 10) / 10;
}

/** Rounds to ten significant digits: enough for every reader, and no binary noise on the wire. */
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
