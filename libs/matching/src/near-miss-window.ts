import type { PostingRanges } from './posting-ranges';
import { drawn, SALTS } from './turn-draws';

/** Postings of a range, by index. */
export interface Window {
  readonly ahead: number;
  readonly left: number;
}

/**
 * The postings of a range that may be near misses: the nearest ones the confidence does not reach or, without a
 * confidence, any. If more than `most` are equally near, the turn selects a sample of them.
 */
export function windowOf(
  ranges: PostingRanges,
  words: Uint32Array,
  at: number,
  wanted: { readonly confidence: number | null; readonly most: number; readonly turn: number },
): Window {
  const { confidence, most, turn } = wanted;
  const count = words[at + 1] ?? 0;
  const reached = confidence === null ? 0 : reachedOf(ranges, words, at, confidence);
  if (reached === count) return { ahead: 0, left: 0 };
  const equals =
    confidence === null ? count : reachedOf(ranges, words, at, thresholdAt(ranges, words, at, reached)) - reached;
  const ahead = reached + (equals > most ? drawn(turn, SALTS.range, equals - most + 1) : 0);
  return { ahead, left: Math.min(most, count - ahead) };
}

function thresholdAt(ranges: PostingRanges, words: Uint32Array, at: number, place: number): number {
  let ahead = place;
  for (const { address, count } of ranges.blocks(words, at)) {
    if (ahead < count) return ranges.pages.thresholdAt(address + ahead);
    ahead -= count;
  }
  return Infinity;
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
    const border = { threshold: confidence, owner: Infinity, subscription: 0 };
    return reached + ranges.pages.lowerBound(block.address, block.count, border);
  }
  return reached;
}
