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
  { watched, pipelines, turn }: NearMissContext,
): Candidate[] {
  const search: Search = {
    ...{ reason, watched, pipelines, turn, perRange: limit * 4, candidates: [] },
    // Matching pipelines lie between the near misses; the budget lets the walk pass some of them, not all of a million.
    budget: limit * 8 + 64,
  };
  const [type, source] = [watched.typeOf(signal.signalType), watched.sourceOf(signal.source)];
  for (const entry of signal.tickers) {
    const ticker = watched.idOf(entry.ticker);
    if (ticker !== undefined) visitTicker(search, ticker, type, source, entry);
    for (const pattern of watched.patternsCovering(entry.ticker)) visitTicker(search, pattern, type, source, entry);
  }
  return search.candidates.sort((a, b) => a.shortBy - b.shortBy);
}

/** The search for the near misses of one reason. */
interface Search {
  readonly reason: NearMissReason;
  readonly watched: WatchedTickers;
  readonly pipelines: IndexedPipelines;
  readonly turn: number;
  /** Postings visited of one range. */
  readonly perRange: number;
  readonly candidates: Candidate[];
  /** Keys and postings that may still be looked at. */
  budget: number;
}

/** Visits the keys of a ticker or pattern in which near misses of the reason lie. */
function visitTicker(search: Search, ticker: number, type: number, source: number, entry: TickerSignal): void {
  if (search.reason === 'source' || search.reason === 'signal_type') {
    walkKeys(search, ticker, type, source, entry);
    return;
  }
  for (const keyType of type === ANY ? [ANY] : [ANY, type]) {
    for (const keySource of source === ANY ? [ANY] : [ANY, source]) {
      visitKey(search, ticker, { type: keyType, source: keySource }, entry);
    }
  }
}

/** Goes through the keys of a ticker, beginning with another one for each signal, as far as the budget goes. */
function walkKeys(search: Search, ticker: number, type: number, source: number, entry: TickerSignal): void {
  const keys = search.watched.keysOf(ticker);
  let place = (search.turn * search.perRange) % Math.max(1, keys.length);
  for (let seen = 0; seen < keys.length && search.budget > 0; seen += 1, place += 1) {
    if (place === keys.length) place = 0;
    const key = keys[place] as WatchedKey;
    search.budget -= 1;
    if (reasonOf(key, type, source) === search.reason) visitKey(search, ticker, key, entry);
  }
}

/** What is wrong with a key, were direction and confidence right; null when nothing is. */
function reasonOf(key: WatchedKey, type: number, source: number): NearMissReason | null {
  if (key.type !== ANY && key.type !== type) return 'signal_type';
  return key.source !== ANY && key.source !== source ? 'source' : null;
}

function visitKey(search: Search, ticker: number, { type, source }: WatchedKey, entry: TickerSignal): void {
  const hash = hashOf(ticker, type, source);
  const words = search.watched.table.shardOf(hash);
  const at = findEntry(words, hash, ticker, type, source);
  if (at < 0) return;
  for (let direction = 0; direction < DIRECTION_COUNT; direction += 1) {
    const fits = direction === ANY_DIRECTION || direction === directionCode(entry.signal);
    if (search.reason === 'direction' ? fits : search.reason === 'confidence' && !fits) continue;
    const range = rangeAt(at, direction);
    if ((words[range + 1] ?? 0) > 0) visitRange(search, words, range, entry);
  }
}

/** Visits postings of a range that the confidence does not reach or, where something else is missing, any of them. */
function visitRange(search: Search, words: Uint32Array, at: number, entry: TickerSignal): void {
  const { reason, turn, pipelines, candidates } = search;
  const { ranges } = search.watched;
  const count = words[at + 1] ?? 0;
  const most = Math.min(search.budget, search.perRange);
  let ahead = 0;
  if (reason === 'confidence') ahead = reachedOf(ranges, words, at, entry.confidence);
  else if (count > most) ahead = (turn * most) % (count - most);
  let left = Math.min(most, count - ahead);
  for (const block of ranges.blocks(words, at)) {
    for (let place = ahead; place < block.count && left > 0; place += 1, left -= 1) {
      const address = block.address + place;
      search.budget -= 1;
      const owner = ranges.pages.ownerAt(address);
      if (pipelines.markOf(owner) >= 0) continue;
      const shortBy = Math.max(0, ranges.pages.thresholdAt(address) - entry.confidence);
      candidates.push({ owner, wishWord: ranges.pages.wishAt(address), entry, shortBy });
    }
    if (left <= 0) return;
    ahead = Math.max(0, ahead - block.count);
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

function toNearMiss(candidate: Candidate, reason: NearMissReason, pipeline: Pipeline | undefined): NearMiss | null {
  const wish = pipeline === undefined ? undefined : wishOf(pipeline, candidate.wishWord);
  if (pipeline === undefined || wish === undefined) return null;
  const isForbidden = pipeline.rule !== null && !pipeline.rule.conditions.includes(wish);
  if (isForbidden) return null;
  const { ticker, signal: direction, confidence } = candidate.entry;
  return { pipeline, ticker, direction, confidence, reason, wish, shortBy: candidate.shortBy };
}
