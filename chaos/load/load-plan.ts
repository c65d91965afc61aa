import { SIGNAL_SCHEMA_VERSION } from '@tripline/contracts';
import { GENERATED_SIGNAL_TYPES, SIGNAL_DIRECTIONS } from '@tripline/market';
import { type Signal, signalIdOf } from '@tripline/triggers';

import { POISON_KINDS } from '../poison/poison-kinds';

/** The tickers of the load. The worker's mock market has bars for them because they begin with `MOCK-`. */
export const LOAD_TICKERS: readonly string[] = Array.from(
  { length: 166 },
  (_, index) => `MOCK-${String(index).padStart(3, '0')}`,
);

/** The load during faults. */
export const LOAD = {
  signalsPerSecond: 200,
  burstPerSecond: 1_000,
  burstMs: 10_000,
  duplicateShare: 0.01,
  poisonShare: 0.005,
  reorderedShare: 0.01,
} as const;

/** Event time runs sixty times as fast as the clock, so that each second brings a new one-minute bar. */
const EVENT_MS_PER_SIGNAL = (60 * 1_000) / LOAD.signalsPerSecond;
/** A day after the start of the mock market, so that there are bars before the first signal. */
const FIRST_EVENT_MS = Date.UTC(2024, 0, 2);
/** A duplicate repeats one of this many previous signals. */
const DUPLICATE_REACH = 400;

/** A record to be published. */
export interface PlannedRecord {
  readonly key: string;
  readonly value: Buffer | string;
}

/** Uniform in [0, 1), a pure function of its arguments, so any signal can be built without the previous ones. */
export function chance(...parts: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    hash = Math.imul(hash ^ part, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return (hash >>> 0) / 0x1_0000_0000;
}

const pick = <T>(list: readonly T[], at: number): T => list[Math.floor(at * list.length)] as T;

/** The n-th signal of a seed. */
export function plannedSignal(seed: number, n: number): Signal {
  const ticker = pick(LOAD_TICKERS, chance(seed, n, 1));
  const signalType = pick(GENERATED_SIGNAL_TYPES, chance(seed, n, 2));
  const occurredAt = FIRST_EVENT_MS + Math.round(n * EVENT_MS_PER_SIGNAL);
  return {
    signalId: signalIdOf({
      generator: 'chaos',
      version: seed,
      ticker,
      timeframe: `n${n}`,
      barEnd: occurredAt,
      signalType,
    }),
    signalType,
    source: 'chaos',
    occurredAt,
    tickers: [
      {
        ticker,
        signal: pick(SIGNAL_DIRECTIONS, chance(seed, n, 3) * 0.66),
        confidence: Math.round(chance(seed, n, 4) * 1000) / 10,
        reasoning: `made up from seed ${seed}`,
      },
    ],
    metadata: { seed, n },
    schemaVersion: SIGNAL_SCHEMA_VERSION,
  };
}

/** The kind of poison that follows the n-th signal, if any. */
function poisonAfter(seed: number, n: number) {
  return chance(seed, n, 5) < LOAD.poisonShare ? pick(POISON_KINDS, chance(seed, n, 6)) : null;
}

/** The earlier signal that is repeated after the n-th; null if none. */
function duplicateAfter(seed: number, n: number): number | null {
  if (n === 0 || chance(seed, n, 7) >= LOAD.duplicateShare) return null;
  return Math.max(0, n - 1 - Math.floor(chance(seed, n, 8) * DUPLICATE_REACH));
}

/**
 * The records of the signals in [from, to): some signals twice, some poison between them, and some
 * out of order. The same seed gives the same records, so a restarted publisher repeats itself.
 */
export function plannedRecords(
  seed: number,
  from: number,
  to: number,
  encode: (signal: Signal) => string,
): readonly PlannedRecord[] {
  const records: PlannedRecord[] = [];
  for (let n = from; n < to; n += 1) {
    const signal = plannedSignal(seed, n);
    const key = signal.tickers[0]?.ticker ?? '';
    const record = { key, value: encode(signal) };
    const place = chance(seed, n, 9) < LOAD.reorderedShare ? Math.floor(chance(seed, n, 10) * records.length) : -1;
    if (place >= 0) records.splice(place, 0, record);
    else records.push(record);
    const repeated = duplicateAfter(seed, n);
    if (repeated !== null) {
      const again = plannedSignal(seed, repeated);
      records.push({ key: again.tickers[0]?.ticker ?? '', value: encode(again) });
    }
    const poison = poisonAfter(seed, n);
    if (poison !== null) records.push({ key, value: poison.make(signal) });
  }
  return records;
}
