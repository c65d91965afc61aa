import type { Pipeline } from '../pipelines/pipeline';
import type { Signal, TickerSignal } from '../signals/signal';
import type { NearMiss, NearMissReason } from './match';
import {
  ANY_DIRECTION,
  at,
  DIRECTIONS_PER_GROUP,
  directionCode,
  type Postings,
  SOLE_FLAG,
  type TickerGroups,
} from './postings';

/** What the search needs of the index; taken pipelines are those that match or are already reported. */
export interface NearMissContext {
  readonly pipelines: readonly Pipeline[];
  readonly postings: Postings;
  isTaken(owner: number): boolean;
  take(owner: number): void;
}

interface Candidate {
  readonly owner: number;
  readonly ordinal: number;
  readonly entry: TickerSignal;
  readonly shortBy: number;
}

type Emit = (range: number, entry: TickerSignal) => void;

/** Ranges in which the near misses of one reason lie. */
const RANGES_OF_REASON: Readonly<
  Record<NearMissReason, (groups: TickerGroups, signalType: string, entry: TickerSignal, emit: Emit) => void>
> = {
  confidence: (groups, signalType, entry, emit) => {
    const group = groups.byType.get(signalType);
    if (group === undefined) return;
    emit(group * DIRECTIONS_PER_GROUP + ANY_DIRECTION, entry);
    emit(group * DIRECTIONS_PER_GROUP + directionCode(entry.signal), entry);
  },
  direction: (groups, signalType, entry, emit) => {
    const group = groups.byType.get(signalType);
    if (group === undefined) return;
    for (let code = ANY_DIRECTION + 1; code < DIRECTIONS_PER_GROUP; code += 1) {
      if (code !== directionCode(entry.signal)) emit(group * DIRECTIONS_PER_GROUP + code, entry);
    }
  },
  signal_type: (groups, signalType, entry, emit) => {
    for (const [type, group] of groups.byType) {
      if (type === signalType) continue;
      for (let code = 0; code < DIRECTIONS_PER_GROUP; code += 1) emit(group * DIRECTIONS_PER_GROUP + code, entry);
    }
  },
};

/** Near misses of a signal, nearest first; call after its matches are taken. */
export function collectNearMisses(signal: Signal, limit: number, context: NearMissContext): NearMiss[] {
  const found: NearMiss[] = [];
  for (const reason of ['confidence', 'direction', 'signal_type'] as const) {
    if (found.length >= limit) break;
    for (const candidate of candidatesOf(reason, signal, limit, context)) {
      if (found.length >= limit) break;
      if (context.isTaken(candidate.owner)) continue;
      context.take(candidate.owner);
      const miss = toNearMiss(candidate, reason, context);
      if (miss !== null) found.push(miss);
    }
  }
  return found;
}

/** Candidates of one reason, least missing confidence first. Visits at most a fixed multiple of the limit. */
function candidatesOf(reason: NearMissReason, signal: Signal, limit: number, context: NearMissContext): Candidate[] {
  const { thresholds, pipelines, ordinals, starts, tickers } = context.postings;
  const candidates: Candidate[] = [];
  // Matching pipelines lie between the near misses; the budget lets the walk pass some of them, not all of a million.
  let budget = limit * 16 + 64;
  const emit: Emit = (range, entry) => {
    const end = at(starts, range + 1);
    let place = at(starts, range);
    if (reason === 'confidence') place = firstAbove(thresholds, place, end, entry.confidence);
    const stop = Math.min(end, place + limit * 4);
    for (; place < stop && budget > 0; place += 1, budget -= 1) {
      const owner = at(pipelines, place);
      if (context.isTaken(owner)) continue;
      const shortBy = Math.max(0, at(thresholds, place) - entry.confidence);
      candidates.push({ owner, ordinal: at(ordinals, place) & ~SOLE_FLAG, entry, shortBy });
    }
  };
  for (const entry of signal.tickers) {
    const groups = tickers.get(entry.ticker);
    if (groups !== undefined) RANGES_OF_REASON[reason](groups, signal.signalType, entry, emit);
  }
  return candidates.sort((a, b) => a.shortBy - b.shortBy);
}

/** First place of a sorted range whose threshold is above the confidence. */
function firstAbove(thresholds: Float64Array, start: number, end: number, confidence: number): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(thresholds, middle) > confidence) high = middle;
    else low = middle + 1;
  }
  return low;
}

function toNearMiss(candidate: Candidate, reason: NearMissReason, context: NearMissContext): NearMiss | null {
  const pipeline = context.pipelines[candidate.owner];
  const subscription = pipeline?.subscriptions[candidate.ordinal];
  if (pipeline === undefined || subscription === undefined) return null;
  const { ticker, signal: direction, confidence } = candidate.entry;
  return { pipeline, ticker, direction, confidence, reason, subscription, shortBy: candidate.shortBy };
}
