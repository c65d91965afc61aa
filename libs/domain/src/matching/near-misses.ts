import type { Pipeline, SignalSubscription } from '../pipelines/pipeline';
import type { SignalDirection, SignalHead, TickerSignal } from '../signals/signal';
import type { IndexedPipelines } from './indexed-pipelines';
import type { PostingRanges } from './posting-ranges';
import { ANY, findEntry, hashOf, rangeAt } from './range-table';
import type { WatchedKey, WatchedTickers } from './watched-tickers';
import { ANY_DIRECTION, DIRECTION_COUNT, directionCode, wishOf } from './wish-postings';

/** What kept a signal on one of the pipeline's tickers from matching, the nearest first. */
export const NEAR_MISS_REASONS = ['confidence', 'direction', 'source', 'signal_type'] as const;
export type NearMissReason = (typeof NEAR_MISS_REASONS)[number];

/** A pipeline that watches a ticker of the signal and yet does not match. */
export interface NearMiss {
  readonly pipeline: Pipeline;
  readonly ticker: string;
  readonly direction: SignalDirection;
  readonly confidence: number;
  readonly reason: NearMissReason;
  /** The wish that came nearest. */
  readonly wish: SignalSubscription;
  /** Confidence points that were missing; 0 when the confidence sufficed and something else did not. */
  readonly shortBy: number;
}

/** What the search needs of the index; pipelines that match are marked. */
export interface NearMissContext {
  readonly pipelines: IndexedPipelines;
  readonly watched: WatchedTickers;
  /** Another number for each signal: where the search begins in ranges it does not read whole. */
  readonly turn: number;
}

interface Candidate {
  readonly owner: number;
  readonly wishWord: number;
  readonly entry: TickerSignal;
  readonly shortBy: number;
}

/** Near misses of a signal, nearest first. */
export function collectNearMisses(signal: SignalHead, limit: number, context: NearMissContext): NearMiss[] {
  const { pipelines } = context;
  const found: NearMiss[] = [];
  for (const reason of NEAR_MISS_REASONS) {
    if (found.length >= limit) break;
    for (const candidate of candidatesOf(reason, signal, limit, context)) {
      if (found.length >= limit) break;
      if (pipelines.markOf(candidate.owner) >= 0) continue;
      const miss = toNearMiss(candidate, reason, pipelines.at(candidate.owner));
      if (miss === null) continue;
      pipelines.mark(candidate.owner, 0);
      found.push(miss);
    }
  }
  return found;
}

/** Candidates of one reason, least missing confidence first. Visits at most a fixed multiple of the limit. */
function candidatesOf(
  reason: NearMissReason,
  signal: SignalHead,
  limit: number,
  context: NearMissContext,
): Candidate[] {
  const { watched, pipelines } = context;
  const { pages } = watched.ranges;
  const candidates: Candidate[] = [];
  // Matching pipelines lie between the near misses; the budget lets the walk pass some of them, not all of a million.
  let budget = limit * 16 + 64;
  for (const { entry, words, at, count } of rangesOf(reason, signal, watched)) {
    const most = Math.min(budget, limit * 4);
    const from = reason === 'confidence' ? reachedOf(watched.ranges, words, at, entry.confidence) : 0;
    const skip = from + (reason !== 'confidence' && count > most ? (context.turn * most) % (count - most) : 0);
    for (const address of addressesOf(watched.ranges, words, at, skip, most)) {
      budget -= 1;
      const owner = pages.ownerAt(address);
      if (pipelines.markOf(owner) >= 0) continue;
      const shortBy = Math.max(0, pages.thresholdAt(address) - entry.confidence);
      candidates.push({ owner, wishWord: pages.wishAt(address), entry, shortBy });
    }
  }
  return candidates.sort((a, b) => a.shortBy - b.shortBy);
}

interface SearchedRange {
  readonly entry: TickerSignal;
  readonly words: Uint32Array;
  /** Where the words of the range are. */
  readonly at: number;
  readonly count: number;
}

/** The ranges in which the near misses of one reason lie. */
function* rangesOf(reason: NearMissReason, signal: SignalHead, watched: WatchedTickers): Generator<SearchedRange> {
  const [type, source] = [watched.typeOf(signal.signalType), watched.sourceOf(signal.source)];
  for (const entry of signal.tickers) {
    const ticker = watched.idOf(entry.ticker);
    for (const id of [...(ticker === undefined ? [] : [ticker]), ...watched.patternsCovering(entry.ticker)]) {
      for (const key of watched.keysOf(id)) {
        if (reasonOf(key, type, source) !== (reason === 'direction' ? 'confidence' : reason)) continue;
        yield* directionsOf(reason, id, key, entry, watched);
      }
    }
  }
}

/** What is wrong with a key, were direction and confidence right; `confidence` when nothing is. */
function reasonOf(key: WatchedKey, type: number, source: number): NearMissReason {
  if (key.type !== ANY && key.type !== type) return 'signal_type';
  return key.source !== ANY && key.source !== source ? 'source' : 'confidence';
}

function* directionsOf(
  reason: NearMissReason,
  ticker: number,
  { type, source }: WatchedKey,
  entry: TickerSignal,
  { table }: WatchedTickers,
): Generator<SearchedRange> {
  const hash = hashOf(ticker, type, source);
  const words = table.shardOf(hash);
  const at = findEntry(words, hash, ticker, type, source);
  if (at < 0) return;
  for (let direction = 0; direction < DIRECTION_COUNT; direction += 1) {
    const fits = direction === ANY_DIRECTION || direction === directionCode(entry.signal);
    if (reason === 'direction' ? fits : reason === 'confidence' && !fits) continue;
    const range = rangeAt(at, direction);
    const count = words[range + 1] ?? 0;
    if (count > 0) yield { entry, words, at: range, count };
  }
}

/** How many postings of a range a confidence reaches. */
function reachedOf(ranges: PostingRanges, words: Uint32Array, at: number, confidence: number): number {
  let reached = 0;
  for (const block of ranges.blocks(words, at)) {
    const last = block.address + block.count - 1;
    if (ranges.pages.thresholdAt(last) <= confidence) {
      reached += block.count;
      continue;
    }
    const border = { threshold: confidence, owner: Infinity, wish: 0 };
    return reached + ranges.pages.lowerBound(block.address, block.count, border);
  }
  return reached;
}

/** Addresses of at most `most` postings of a range after the first `skip`. */
function* addressesOf(
  ranges: PostingRanges,
  words: Uint32Array,
  at: number,
  skip: number,
  most: number,
): Generator<number> {
  let [ahead, left] = [skip, most];
  for (const block of ranges.blocks(words, at)) {
    for (let place = Math.min(ahead, block.count); place < block.count && left > 0; place += 1, left -= 1) {
      yield block.address + place;
    }
    ahead = Math.max(0, ahead - block.count);
    if (left <= 0) return;
  }
}

function toNearMiss(candidate: Candidate, reason: NearMissReason, pipeline: Pipeline | undefined): NearMiss | null {
  const wish = pipeline === undefined ? undefined : wishOf(pipeline, candidate.wishWord);
  if (pipeline === undefined || wish === undefined) return null;
  const isForbidden = pipeline.rule !== null && !pipeline.rule.conditions.includes(wish);
  if (isForbidden) return null;
  const { ticker, signal: direction, confidence } = candidate.entry;
  return { pipeline, ticker, direction, confidence, reason, wish, shortBy: candidate.shortBy };
}
