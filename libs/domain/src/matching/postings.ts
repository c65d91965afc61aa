import type { Pipeline } from '../pipelines/pipeline';
import type { SignalDirection } from '../signals/signal';

/** Ordinal of a posting whose pipeline has no subscriptions and wants every signal on its tickers. */
export const NO_SUBSCRIPTION = 0x7fff;
/** Set in an ordinal when the pipeline has no other posting for the same ticker and type: it cannot be hit twice. */
export const SOLE_FLAG = 0x8000;
/** Directions a subscription can name; `ANY_DIRECTION` for none. A group of postings has one range for each. */
export const ANY_DIRECTION = 0;
export const DIRECTIONS_PER_GROUP = 4;
const DIRECTION_CODES: Readonly<Record<SignalDirection, number>> = { BULLISH: 1, BEARISH: 2, NEUTRAL: 3 };

/** Position of a direction's range within a group. */
export function directionCode(direction: SignalDirection | undefined): number {
  return direction === undefined ? ANY_DIRECTION : DIRECTION_CODES[direction];
}

/** The groups of one ticker: one per signal type, and one for pipelines that want every type. */
export interface TickerGroups {
  /** -1 when no pipeline wants everything on this ticker. */
  everything: number;
  readonly byType: Map<string, number>;
}

/**
 * Every (ticker, signal type, direction, threshold) → pipeline of the index, as parallel typed arrays: 14 bytes each,
 * nothing for the garbage collector to walk. Range r = group × 4 + direction holds the postings starts[r] ..
 * starts[r + 1] - 1, sorted by threshold, so that a match walks exactly the postings it fulfils.
 */
export interface Postings {
  readonly tickers: ReadonlyMap<string, TickerGroups>;
  readonly starts: Uint32Array;
  readonly thresholds: Float64Array;
  /** Positions in the index's list of pipelines. */
  readonly pipelines: Uint32Array;
  /** Positions in the pipeline's own list of subscriptions (or `NO_SUBSCRIPTION`), with `SOLE_FLAG`. */
  readonly ordinals: Uint16Array;
}

/** Builds the postings of pipelines, in two passes: count the ranges, then fill them. */
export function buildPostings(pipelines: readonly Pipeline[]): Postings {
  const tickers = new Map<string, TickerGroups>();
  const counts = countRanges(pipelines, tickers);
  const starts = new Uint32Array(counts.length + 1);
  for (let range = 0; range < counts.length; range += 1) starts[range + 1] = at(starts, range) + (counts[range] ?? 0);

  const total = at(starts, counts.length);
  const thresholds = new Float64Array(total);
  const owners = new Uint32Array(total);
  const ordinals = new Uint16Array(total);
  const next = starts.slice();
  pipelines.forEach((pipeline, owner) => {
    forEachWish(pipeline, tickers, (range, ordinal, threshold) => {
      const place = at(next, range);
      next[range] = place + 1;
      thresholds[place] = threshold;
      owners[place] = owner;
      ordinals[place] = ordinal;
    });
  });
  for (let range = 0; range < counts.length; range += 1) {
    sortRange({ thresholds, owners, ordinals }, at(starts, range), at(starts, range + 1));
  }
  return { tickers, starts, thresholds, pipelines: owners, ordinals };
}

/** Reads a typed array where the index is known to be inside. */
export function at(array: Uint32Array | Float64Array | Uint16Array, index: number): number {
  return array[index] as number;
}

function countRanges(pipelines: readonly Pipeline[], tickers: Map<string, TickerGroups>): number[] {
  const counts: number[] = [];
  const newGroup = (): number => {
    const group = counts.length / DIRECTIONS_PER_GROUP;
    counts.push(0, 0, 0, 0);
    return group;
  };
  for (const pipeline of pipelines) {
    for (const ticker of pipeline.tickers) {
      let groups = tickers.get(ticker);
      if (groups === undefined) tickers.set(ticker, (groups = { everything: -1, byType: new Map() }));
      if (pipeline.subscriptions.length === 0 && groups.everything < 0) groups.everything = newGroup();
      for (const { signalType = '' } of pipeline.subscriptions) {
        if (!groups.byType.has(signalType)) groups.byType.set(signalType, newGroup());
      }
    }
    forEachWish(pipeline, tickers, (range) => {
      counts[range] = (counts[range] ?? 0) + 1;
    });
  }
  return counts;
}

type VisitWish = (range: number, ordinal: number, threshold: number) => void;

/** Calls `visit` for every posting of a pipeline; the groups of its tickers exist by then. */
function forEachWish(pipeline: Pipeline, tickers: ReadonlyMap<string, TickerGroups>, visit: VisitWish): void {
  const { subscriptions } = pipeline;
  if (subscriptions.length >= NO_SUBSCRIPTION)
    throw new RangeError(`pipeline ${pipeline.id} has too many subscriptions`);
  const ordinals = subscriptions.map((wish, ordinal) =>
    subscriptions.some((other, place) => place !== ordinal && other.signalType === wish.signalType)
      ? ordinal
      : ordinal | SOLE_FLAG,
  );
  for (let place = 0; place < pipeline.tickers.length; place += 1) {
    const ticker = pipeline.tickers[place] ?? '';
    const groups = tickers.get(ticker);
    if (groups === undefined || pipeline.tickers.indexOf(ticker) < place) continue;
    if (subscriptions.length === 0) {
      visit(groups.everything * DIRECTIONS_PER_GROUP + ANY_DIRECTION, NO_SUBSCRIPTION | SOLE_FLAG, -Infinity);
    }
    for (let index = 0; index < subscriptions.length; index += 1) {
      const wish = subscriptions[index];
      if (wish === undefined) continue;
      const group = groups.byType.get(wish.signalType ?? '') ?? 0;
      visit(group * DIRECTIONS_PER_GROUP + directionCode(wish.direction), ordinals[index] ?? 0, wish.minConfidence);
    }
  }
}

interface Columns {
  readonly thresholds: Float64Array;
  readonly owners: Uint32Array;
  readonly ordinals: Uint16Array;
}

/** Ranges up to this length are sorted in place by insertion: most are short, and it allocates nothing. */
const INSERTION_SORT_LIMIT = 24;

/** Sorts one range by threshold, equal thresholds in the order of the pipelines. */
function sortRange(columns: Columns, start: number, end: number): void {
  const { thresholds, owners, ordinals } = columns;
  if (end - start <= INSERTION_SORT_LIMIT) {
    insertionSort(columns, start, end);
    return;
  }
  const order = new Uint32Array(end - start).map((_, offset) => start + offset);
  order.sort((a, b) => at(thresholds, a) - at(thresholds, b) || a - b);
  const sorted = [thresholds.slice(start, end), owners.slice(start, end), ordinals.slice(start, end)] as const;
  order.forEach((place, offset) => {
    thresholds[start + offset] = at(sorted[0], place - start);
    owners[start + offset] = at(sorted[1], place - start);
    ordinals[start + offset] = at(sorted[2], place - start);
  });
}

function insertionSort({ thresholds, owners, ordinals }: Columns, start: number, end: number): void {
  for (let next = start + 1; next < end; next += 1) {
    const threshold = at(thresholds, next);
    const owner = at(owners, next);
    const ordinal = at(ordinals, next);
    let place = next;
    for (; place > start && at(thresholds, place - 1) > threshold; place -= 1) {
      thresholds[place] = at(thresholds, place - 1);
      owners[place] = at(owners, place - 1);
      ordinals[place] = at(ordinals, place - 1);
    }
    thresholds[place] = threshold;
    owners[place] = owner;
    ordinals[place] = ordinal;
  }
}
