import { isTickerPattern } from '@tripline/triggers';

/** Whether two of these can cover one ticker, so that one entry of a signal reaches the pipeline twice. */
export function overlapEachOther(watched: readonly string[]): boolean {
  if (!watched.some(isTickerPattern)) return false;
  return watched.some((pattern, place) => {
    if (!isTickerPattern(pattern)) return false;
    const prefix = pattern.slice(0, -1);
    return watched.some((other, otherPlace) => otherPlace !== place && other.startsWith(prefix));
  });
}

/** Maximum tickers whose patterns are cached. Beyond it, the cache is cleared. */
const MAX_REMEMBERED = 20_000;
const NONE: readonly number[] = Object.freeze([]);

/** The patterns of an index. Finds those that cover a ticker without trying each one. */
export class TickerPatterns {
  private readonly ids = new Map<string, number>();
  /** Patterns by length of the prefix. */
  private readonly counts: number[] = [];
  /** Lengths in use, ascending. */
  private lengths: readonly number[] = [];
  private remembered = new Map<string, readonly number[]>();

  /** No patterns: no look-up needed. */
  get isEmpty(): boolean {
    return this.lengths.length === 0;
  }

  add(pattern: string, id: number): void {
    this.ids.set(pattern.slice(0, -1), id);
    this.count(pattern.length - 1, 1);
  }

  delete(pattern: string): void {
    if (this.ids.delete(pattern.slice(0, -1))) this.count(pattern.length - 1, -1);
  }

  /** Ids of the patterns that cover a ticker: at most one per prefix length. */
  covering(ticker: string): readonly number[] {
    const known = this.remembered.get(ticker);
    if (known !== undefined) return known;
    const found: number[] = [];
    for (const length of this.lengths) {
      if (length > ticker.length) break;
      const id = this.ids.get(ticker.slice(0, length));
      if (id !== undefined) found.push(id);
    }
    if (this.remembered.size >= MAX_REMEMBERED) this.remembered.clear();
    const result = found.length === 0 ? NONE : found;
    this.remembered.set(ticker, result);
    return result;
  }

  private count(length: number, change: number): void {
    while (this.counts.length <= length) this.counts.push(0);
    this.counts[length] = (this.counts[length] ?? 0) + change;
    this.lengths = this.counts.flatMap((count, used) => (count > 0 ? [used] : []));
    this.remembered = new Map();
  }
}
