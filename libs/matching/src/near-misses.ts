import {
  type Pipeline,
  type SignalHead,
  type SignalSubscription,
  type TickerSignal,
  watchesTicker,
} from '@tripline/triggers';
import type { SignalDirection } from '@tripline/market';
import type { IndexedPipelines } from './indexed-pipelines';
import { windowOf } from './near-miss-window';
import { ANY, findEntry, hashOf, rangeAt } from './range-table';
import { drawn, rotated, SALTS } from './turn-draws';
import type { WatchedKey, WatchedTickers } from './watched-tickers';
import { ANY_DIRECTION, DIRECTION_COUNT, directionCode, subscriptionOf } from './subscription-postings';

/** Why a signal on one of the pipeline's tickers did not match, nearest first. */
export const NEAR_MISS_REASONS = ['confidence', 'direction', 'source', 'signal_type'] as const;
export type NearMissReason = (typeof NEAR_MISS_REASONS)[number];

/** A pipeline that watches a ticker of the signal but does not match it. */
export interface NearMiss {
  readonly pipeline: Pipeline;
  readonly ticker: string;
  readonly direction: SignalDirection;
  readonly confidence: number;
  readonly reason: NearMissReason;
  /** The nearest subscription. */
  readonly subscription: SignalSubscription;
  /** Missing confidence points; 0 when the confidence sufficed and another condition failed. */
  readonly shortBy: number;
}

/** The parts of the index that the search needs. Pipelines that match are marked. */
export interface NearMissContext {
  readonly pipelines: IndexedPipelines;
  readonly watched: WatchedTickers;
  /** A different number for each signal. It determines where the search starts when it cannot visit everything. */
  readonly turn: number;
}

interface Candidate {
  readonly owner: number;
  readonly subscriptionWord: number;
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

/**
 * The reference answer for one signal and one pipeline that does not match it: the nearest subscription.
 * `collectNearMisses` gives the same answer for many pipelines at once. Null when the pipeline watches none of the
 * signal's tickers.
 */
export function nearMissOf(pipeline: Pipeline, signal: SignalHead): NearMiss | null {
  let nearest: NearMiss | null = null;
  for (const entry of signal.tickers) {
    if (!watchesTicker(pipeline.tickers, entry.ticker)) continue;
    for (const subscription of pipeline.rule?.conditions ?? pipeline.subscriptions) {
      const { ticker, signal: direction, confidence } = entry;
      const shortBy = Math.max(0, subscription.minConfidence - confidence);
      const miss = {
        pipeline,
        ticker,
        direction,
        confidence,
        reason: missingOf(subscription, signal, entry),
        subscription,
        shortBy,
      };
      if (nearest === null || compareNearMisses(miss, nearest) < 0) nearest = miss;
    }
  }
  return nearest;
}

/** Nearest first. */
export function compareNearMisses(a: NearMiss, b: NearMiss): number {
  return NEAR_MISS_REASONS.indexOf(a.reason) - NEAR_MISS_REASONS.indexOf(b.reason) || a.shortBy - b.shortBy;
}

/** The first condition that a signal fails; confidence when it fails no other. */
function missingOf(subscription: SignalSubscription, signal: SignalHead, entry: TickerSignal): NearMissReason {
  if (subscription.signalType !== undefined && subscription.signalType !== signal.signalType) return 'signal_type';
  if (subscription.source !== undefined && subscription.source !== signal.source) return 'source';
  return subscription.direction !== undefined && subscription.direction !== entry.signal ? 'direction' : 'confidence';
}

/** One entry of the signal and one ticker or pattern that covers it. */
interface Place {
  readonly entry: TickerSignal;
  readonly ticker: number;
}

/** The search for near misses of one reason. */
interface Search extends NearMissContext {
  readonly reason: NearMissReason;
  /** The signal's names as numbers; `ANY` for names that no pipeline uses. */
  readonly type: number;
  readonly source: number;
  readonly perRange: number;
  readonly candidates: Candidate[];
  /** How many postings may still be visited per ticker. Each has its own share, so that none starves another. */
  keysLeft: number;
  postingsLeft: number;
}

/**
 * Candidates of one reason, least missing confidence first, with a different sample of equals each turn. Visits at most
 * a fixed multiple of the limit: matching pipelines lie between the near misses, and the walk may skip only a bounded
 * number of them.
 */
function candidatesOf(
  reason: NearMissReason,
  signal: SignalHead,
  limit: number,
  context: NearMissContext,
): Candidate[] {
  const { watched, turn } = context;
  const places = placesOf(signal, watched);
  const search: Search = {
    ...{ ...context, reason, perRange: reason === 'confidence' ? limit * 2 : limit, candidates: [] },
    ...{ type: watched.typeOf(signal.signalType), source: watched.sourceOf(signal.source) },
    ...{ keysLeft: 0, postingsLeft: 0 },
  };
  for (const place of rotated(places, drawn(turn, SALTS.place, places.length))) {
    search.keysLeft = Math.ceil((limit * 8 + 64) / places.length);
    search.postingsLeft = Math.ceil((limit * 16 + 64) / places.length);
    if (reason === 'confidence' || reason === 'direction') visitFittingKeys(search, place);
    else walkKeys(search, place);
  }
  const { candidates } = search;
  return rotated(candidates, drawn(turn, SALTS.tie, candidates.length)).sort((a, b) => a.shortBy - b.shortBy);
}

function placesOf(signal: SignalHead, watched: WatchedTickers): Place[] {
  return signal.tickers.flatMap((entry) => {
    const ticker = watched.idOf(entry.ticker);
    const patterns = watched.patternsCovering(entry.ticker).map((pattern): Place => ({ entry, ticker: pattern }));
    return ticker === undefined ? patterns : [{ entry, ticker }, ...patterns];
  });
}

/** The at most four keys that fit type and source, found by look-up, closest first. */
function visitFittingKeys(search: Search, place: Place): void {
  for (const type of search.type === ANY ? [ANY] : [search.type, ANY]) {
    for (const source of search.source === ANY ? [ANY] : [search.source, ANY])
      visitKey(search, place, { type, source });
  }
}

/** Iterates over the keys of a ticker, starting at a different one each turn. */
function walkKeys(search: Search, place: Place): void {
  const { reason, type, source } = search;
  const keys = search.watched.keysOf(place.ticker);
  let at = drawn(search.turn, SALTS.key, keys.length);
  for (let seen = 0; seen < keys.length && search.keysLeft > 0 && search.postingsLeft > 0; seen += 1, at += 1) {
    if (at === keys.length) at = 0;
    const key = keys[at] as WatchedKey;
    search.keysLeft -= 1;
    if (reasonOf(key, type, source) === reason) visitKey(search, place, key);
  }
}

/** The failing condition of a key, assuming direction and confidence fit; null when there is none. */
function reasonOf(key: WatchedKey, type: number, source: number): NearMissReason | null {
  if (key.type !== ANY && key.type !== type) return 'signal_type';
  return key.source !== ANY && key.source !== source ? 'source' : null;
}

function visitKey(search: Search, { entry, ticker }: Place, { type, source }: WatchedKey): void {
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

/** Visits postings of a range that the confidence does not reach or, when another condition fails, any of them. */
function visitRange(search: Search, words: Uint32Array, at: number, entry: TickerSignal): void {
  const { pipelines, candidates } = search;
  const { ranges } = search.watched;
  const most = Math.min(search.postingsLeft, search.perRange);
  const confidence = search.reason === 'confidence' ? entry.confidence : null;
  let { ahead, left } = windowOf(ranges, words, at, { confidence, most, turn: search.turn });
  search.postingsLeft -= left;
  for (const block of ranges.blocks(words, at)) {
    if (left <= 0) return;
    for (let place = ahead; place < block.count && left > 0; place += 1, left -= 1) {
      const address = block.address + place;
      const owner = ranges.pages.ownerAt(address);
      if (pipelines.markOf(owner) >= 0) continue;
      const shortBy = Math.max(0, ranges.pages.thresholdAt(address) - entry.confidence);
      candidates.push({ owner, subscriptionWord: ranges.pages.wishAt(address), entry, shortBy });
    }
    ahead = Math.max(0, ahead - block.count);
  }
}

function toNearMiss(candidate: Candidate, reason: NearMissReason, pipeline: Pipeline | undefined): NearMiss | null {
  const subscription = pipeline === undefined ? undefined : subscriptionOf(pipeline, candidate.subscriptionWord);
  if (pipeline === undefined || subscription === undefined) return null;
  const isForbidden = pipeline.rule !== null && !pipeline.rule.conditions.includes(subscription);
  if (isForbidden) return null;
  const { ticker, signal: direction, confidence } = candidate.entry;
  return { pipeline, ticker, direction, confidence, reason, subscription, shortBy: candidate.shortBy };
}
