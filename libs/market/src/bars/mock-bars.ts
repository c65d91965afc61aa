import type { Bar } from './bar';
import type { BarReader } from './bar-history';

export interface MockBarOptions {
  readonly seed: number | string;
  readonly ticker: string;
  /** Length of a bar, whole ms. */
  readonly timeframeMs: number;
  /** Start of bar 0, epoch ms. */
  readonly startMs: number;
}

/** An endless generated series. Bar i is a pure function of seed, ticker and i, at the same cost for every i. */
export interface MockBars extends BarReader {
  readonly ticker: string;
  readonly timeframeMs: number;
  /** Any whole index. Negative ones are history before `startMs`. */
  barAt(index: number): Bar;
  /** Index of the bar whose interval contains `time`. */
  indexAt(time: number): number;
}

/** Octaves of noise with periods 1, 2, 4 .. 1024 bars. */
const OCTAVES = 11;
/** Amplitude of the shortest octave. Together the octaves move the price by about 0.35 % per bar. */
const BASE_AMPLITUDE = 0.006;
/** Amplitude factor per doubling of the period. The square root of 2 is that of a random walk. */
const AMPLITUDE_GROWTH = Math.SQRT2;

/**
 * Generated bars that look like a market and need no stored path. The log price is a sum of value noises over doubling
 * periods (fractal noise): as rough as a random walk up to 1024 bars, and bounded beyond that. Each bar opens at the
 * previous close. Volume rises with the size of the move, with occasional spikes. Prices are above 0 and rounded to 4
 * decimals.
 * @throws RangeError on a timeframe that is not a positive whole number of ms
 */
export function createMockBars(options: MockBarOptions): MockBars {
  const { ticker, timeframeMs, startMs } = options;
  if (!Number.isInteger(timeframeMs) || timeframeMs <= 0)
    throw new RangeError('timeframeMs must be a whole number > 0');
  const key = hashText(`${options.seed}|${ticker}`);
  const basePrice = 20 + 380 * uniform(key, 101, 0);
  const baseVolume = 50_000 + 950_000 * uniform(key, 102, 0);
  const closeAt = (index: number): number => roundPrice(basePrice * Math.exp(logPriceAt(key, index)));

  function barAt(index: number): Bar {
    if (!Number.isSafeInteger(index)) throw new RangeError(`a bar index must be a whole number, got ${index}`);
    const open = closeAt(index - 1);
    const close = closeAt(index);
    const high = roundPrice(Math.max(open, close) * (1 + 0.006 * uniform(key, 103, index) ** 2));
    const low = roundPrice(Math.min(open, close) * (1 - 0.006 * uniform(key, 104, index) ** 2));
    const move = Math.abs(close / open - 1);
    const spike = uniform(key, 105, index) < 1 / 80 ? 2 + 3 * uniform(key, 106, index) : 1;
    const volume = Math.round(baseVolume * (0.7 + 0.6 * uniform(key, 107, index) + 20 * move) * spike);
    const start = startMs + index * timeframeMs;
    return { start, end: start + timeframeMs, open, high, low, close, volume };
  }

  const indexAt = (time: number): number => Math.floor((time - startMs) / timeframeMs);
  return {
    ticker,
    timeframeMs,
    barAt,
    indexAt,
    asOf: (time, count) => {
      const open = indexAt(time);
      return Array.from({ length: count }, (_, offset) => barAt(open - count + offset));
    },
    nextAfter: (time) => barAt(Math.ceil((time - startMs) / timeframeMs)),
  };
}

function logPriceAt(key: number, index: number): number {
  let sum = 0;
  let amplitude = BASE_AMPLITUDE;
  let period = 1;
  for (let octave = 0; octave < OCTAVES; octave += 1) {
    const cell = Math.floor(index / period);
    const left = uniform(key, octave, cell);
    const right = uniform(key, octave, cell + 1);
    sum += amplitude * (left + (right - left) * (index / period - cell) - 0.5);
    amplitude *= AMPLITUDE_GROWTH;
    period *= 2;
  }
  return sum;
}

function roundPrice(price: number): number {
  return Math.max(1, Math.round(price * 10_000)) / 10_000;
}

/** FNV-1a over UTF-16 units, 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** A number in [0, 1) from key, stream and whole index, mixed by the finaliser of MurmurHash3. */
function uniform(key: number, stream: number, index: number): number {
  const high = Math.floor(index / 0x1_0000_0000);
  const low = index - high * 0x1_0000_0000;
  return mix(mix(mix(key ^ Math.imul(stream + 1, 0x9e3779b1)) ^ low) ^ high) / 0x1_0000_0000;
}

function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
