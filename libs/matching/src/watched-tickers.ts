import { isTickerPattern, type Pipeline, type SignalSubscription } from '@tripline/triggers';
import { InternedNames } from './interned-names';
import type { Posting, PostingKey } from './posting-pages';
import { PostingRanges } from './posting-ranges';
import { ANY, rangeAt, RangeTable } from './range-table';
import { TickerPatterns } from './pattern-lookup';
import { DIRECTION_COUNT, directionCode, forEachPosting } from './subscription-postings';

/** The signal types and sources that pipelines name on one ticker, as numbers; 0 for any. */
export interface WatchedKey {
  readonly type: number;
  readonly source: number;
}

/** Bits of a ticker's shape: which combinations of (any or named) type and source its keys have. */
function shapeOf({ type, source }: WatchedKey): number {
  return 1 << ((type === ANY ? 0 : 1) + (source === ANY ? 0 : 2));
}

/**
 * The postings of an index, reached from the names in a signal. Tickers and patterns share one number space: tickers
 * are even, patterns are odd. The number of a ticker or pattern without postings is freed at once.
 */
export class WatchedTickers {
  readonly table = new RangeTable();
  readonly ranges = new PostingRanges();
  private readonly patterns = new TickerPatterns();
  private readonly tickerNames = new InternedNames();
  private readonly patternNames = new InternedNames();
  private readonly types = new InternedNames();
  private readonly sources = new InternedNames();
  /** By number of a ticker or pattern. */
  private readonly keys: (WatchedKey[] | undefined)[] = [];
  private shapes = new Uint8Array(1024);
  private postings = 0;

  /** Number of tickers and patterns. */
  get size(): number {
    return this.tickerNames.size + this.patternNames.size;
  }

  get postingCount(): number {
    return this.postings;
  }

  get bytes(): number {
    return this.table.bytes + this.ranges.pages.bytes;
  }

  get hasNoPatterns(): boolean {
    return this.patterns.isEmpty;
  }

  /** The number of a ticker that a pipeline names. */
  idOf(ticker: string): number | undefined {
    const id = this.tickerNames.idOf(ticker);
    return id === undefined ? undefined : id * 2;
  }

  patternsCovering(ticker: string): readonly number[] {
    return this.patterns.covering(ticker);
  }

  shapeOf(ticker: number): number {
    return this.shapes[ticker] ?? 0;
  }

  /** `ANY` when no pipeline names the type. */
  typeOf(signalType: string): number {
    const id = this.types.idOf(signalType);
    return id === undefined ? ANY : id + 1;
  }

  /** `ANY` when no pipeline names the source. */
  sourceOf(source: string): number {
    const id = this.sources.idOf(source);
    return id === undefined ? ANY : id + 1;
  }

  typeName(type: number): string | undefined {
    return type === ANY ? undefined : this.types.nameOf(type - 1);
  }

  /** The keys with postings of a ticker or pattern. */
  keysOf(ticker: number): readonly WatchedKey[] {
    return this.keys[ticker] ?? [];
  }

  add(pipeline: Pipeline, owner: number): void {
    forEachPosting(pipeline, (watched, subscription, subscriptionWord) => {
      const ticker = this.acquireTicker(watched);
      const type = subscription.signalType === undefined ? ANY : this.types.acquire(subscription.signalType) + 1;
      const source = subscription.source === undefined ? ANY : this.sources.acquire(subscription.source) + 1;
      const { words, at } = this.table.locate(ticker, type, source);
      if (isEmptyEntry(words, at)) this.addKey(ticker, { type, source });
      const posting: Posting = {
        pipeline,
        threshold: subscription.minConfidence,
        owner,
        subscription: subscriptionWord,
      };
      this.ranges.insert(words, rangeAt(at, directionCode(subscription.direction)), posting);
      this.postings += 1;
    });
  }

  /** Removes the postings that `add` inserted. The pipeline must be the same object. */
  delete(pipeline: Pipeline, owner: number): void {
    forEachPosting(pipeline, (watched, subscription, subscriptionWord) =>
      this.deletePosting(watched, subscription, owner, subscriptionWord),
    );
  }

  private deletePosting(
    watched: string,
    subscription: SignalSubscription,
    owner: number,
    subscriptionWord: number,
  ): void {
    const ticker = this.numberOf(watched);
    const type = subscription.signalType === undefined ? ANY : this.typeOf(subscription.signalType);
    const source = subscription.source === undefined ? ANY : this.sourceOf(subscription.source);
    const { words, at } = this.table.locate(ticker, type, source);
    const posting: PostingKey = { threshold: subscription.minConfidence, owner, subscription: subscriptionWord };
    if (!this.ranges.remove(words, rangeAt(at, directionCode(subscription.direction)), posting)) {
      throw new Error(`the match index has lost a posting of pipeline ${owner}`);
    }
    this.postings -= 1;
    if (isEmptyEntry(words, at)) {
      this.table.delete(ticker, type, source);
      this.deleteKey(ticker, type, source);
    }
    if (type !== ANY) this.types.release(type - 1);
    if (source !== ANY) this.sources.release(source - 1);
    this.releaseTicker(watched, ticker);
  }

  private numberOf(watched: string): number {
    const names = isTickerPattern(watched) ? this.patternNames : this.tickerNames;
    return (names.idOf(watched) ?? 0) * 2 + (isTickerPattern(watched) ? 1 : 0);
  }

  private acquireTicker(watched: string): number {
    if (!isTickerPattern(watched)) return this.tickerNames.acquire(watched) * 2;
    const isNew = this.patternNames.idOf(watched) === undefined;
    const id = this.patternNames.acquire(watched) * 2 + 1;
    if (isNew) this.patterns.add(watched, id);
    return id;
  }

  private releaseTicker(watched: string, ticker: number): void {
    const id = ticker >>> 1;
    if (!isTickerPattern(watched)) this.tickerNames.release(id);
    else if (this.patternNames.release(id)) this.patterns.delete(watched);
  }

  private addKey(ticker: number, key: WatchedKey): void {
    const keys = this.keys[ticker];
    if (keys === undefined) this.keys[ticker] = [key];
    else keys.push(key);
    if (ticker >= this.shapes.length) {
      const larger = new Uint8Array(Math.max(ticker + 1, this.shapes.length * 2));
      larger.set(this.shapes);
      this.shapes = larger;
    }
    this.shapes[ticker] = this.shapeOf(ticker) | shapeOf(key);
  }

  private deleteKey(ticker: number, type: number, source: number): void {
    const left = this.keysOf(ticker).filter((key) => key.type !== type || key.source !== source);
    this.keys[ticker] = left.length === 0 ? undefined : left;
    this.shapes[ticker] = left.reduce((shape, key) => shape | shapeOf(key), 0);
  }
}

function isEmptyEntry(words: Uint32Array, at: number): boolean {
  for (let direction = 0; direction < DIRECTION_COUNT; direction += 1) {
    if (words[rangeAt(at, direction) + 1] !== 0) return false;
  }
  return true;
}
