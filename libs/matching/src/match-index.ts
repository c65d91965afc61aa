import { listensToSignals, type Match, type Pipeline, type SignalHead, type TickerSignal } from '@tripline/triggers';
import { IndexedPipelines } from './indexed-pipelines';
import { collectNearMisses, type NearMiss } from './near-misses';
import { OwnedPipelines } from './owned-pipelines';
import { LARGEST_BLOCK, pageOf, positionOf } from './posting-pages';
import { ANY, findEntry, hashOf, rangeAt } from './range-table';
import { ANY_DIRECTION, directionCode, SOLE_FLAG } from './subscription-postings';
import { WatchedTickers } from './watched-tickers';

const NO_MATCHES: readonly Match[] = Object.freeze([]);

/**
 * An inverted index of the pipelines that listen to signals: ticker → signal type and source → direction → sorted
 * thresholds. A signal costs one look-up per ticker plus one step per matching subscription, however many pipelines
 * there are. The result is the same as calling `pipelineMatches` for every pipeline. Pipelines are added, replaced and
 * removed one at a time between signals, so a signal meets each pipeline at exactly one version. A private signal skips
 * this index and checks only its owner's pipelines, so it costs nothing for other users' pipelines on the same ticker.
 */
export class MatchIndex {
  private readonly pipelines = new IndexedPipelines();
  private readonly watched = new WatchedTickers();
  private readonly owned = new OwnedPipelines((number) => this.pipelines.at(number));
  private changes = 0;
  /** Matches of the current signal, when it has one entry. */
  private found: Match[] | undefined;
  /**
   * The hits of the current signal, when it has several entries: pipeline and index of its ticker entry. Reused across
   * signals.
   */
  private hits = 0;
  private readonly hitPipelines: Pipeline[] = [];
  private readonly hitEntries: number[] = [];
  /** The entries of the current signal, and the one being visited. */
  private entries: SignalHead['tickers'] = [];
  private entry: TickerSignal = { ticker: '', signal: 'NEUTRAL', confidence: NaN };
  private position = 0;
  private markAll = false;
  private turn = 0;

  /** An index of these pipelines. */
  static build(pipelines: Iterable<Pipeline>): MatchIndex {
    const index = new MatchIndex();
    for (const pipeline of pipelines) index.set(pipeline);
    return index;
  }

  /** Number of indexed pipelines. */
  get size(): number {
    return this.pipelines.size;
  }

  /** Increases with every change. */
  get version(): number {
    return this.changes;
  }

  /** Number of distinct tickers and patterns watched by indexed pipelines. */
  get tickerCount(): number {
    return this.watched.size;
  }

  /** Number of (ticker, subscription) pairs; the memory of the index is proportional to it. */
  get postingCount(): number {
    return this.watched.postingCount;
  }

  /** Number of (ticker, type, source) combinations with postings. */
  get entryCount(): number {
    return this.watched.table.size;
  }

  /** Memory outside the JavaScript heap, bytes: postings and the table of their ranges. */
  get tableBytes(): number {
    return this.watched.bytes;
  }

  /** The indexed version of a pipeline. */
  get(id: string): Pipeline | undefined {
    const number = this.pipelines.numberOf(id);
    return number === undefined ? undefined : this.pipelines.at(number);
  }

  /** Every indexed pipeline, in no particular order. */
  all(): Iterable<Pipeline> {
    return this.pipelines.all();
  }

  /** Adds a pipeline or replaces its previous version. A pipeline that does not listen to signals is removed. */
  set(pipeline: Pipeline): void {
    if (!listensToSignals(pipeline)) {
      this.delete(pipeline.id);
      return;
    }
    this.changes += 1;
    const known = this.pipelines.numberOf(pipeline.id);
    const before = known === undefined ? undefined : this.pipelines.at(known);
    if (known === undefined || before === undefined) {
      const number = this.pipelines.add(pipeline);
      this.watched.add(pipeline, number);
      this.owned.add(pipeline, number);
      return;
    }
    this.watched.delete(before, known);
    this.owned.delete(before, known);
    this.pipelines.replace(pipeline, known);
    this.watched.add(pipeline, known);
    this.owned.add(pipeline, known);
  }

  /** Removes a pipeline; false when it is not there. */
  delete(id: string): boolean {
    const number = this.pipelines.numberOf(id);
    const pipeline = number === undefined ? undefined : this.pipelines.at(number);
    if (number === undefined || pipeline === undefined) return false;
    this.changes += 1;
    this.watched.delete(pipeline, number);
    this.owned.delete(pipeline, number);
    this.pipelines.delete(pipeline, number);
    return true;
  }

  /** One match per matching pipeline, in no particular order. Allocates nothing when there is none. */
  match(signal: SignalHead): readonly Match[] {
    if (signal.owner !== undefined) return this.owned.match(signal, signal.owner);
    this.found = undefined;
    if (signal.tickers.length === 1) {
      this.visitSignal(signal, false);
      return this.found ?? NO_MATCHES;
    }
    this.visitSignal(signal, true);
    return this.hits === 0 ? NO_MATCHES : this.bestMatches(signal);
  }

  /**
   * At most `limit` pipelines that watch a ticker of the signal and do not match it, nearest first: confidence (least
   * missing first), then direction, source and signal type. The work is bounded by the limit, so with many near misses
   * some farther ones may replace nearer ones of the same reason; the selection changes from signal to signal.
   */
  nearMisses(signal: SignalHead, limit: number): readonly NearMiss[] {
    if (limit <= 0) return [];
    if (signal.owner !== undefined) {
      return this.owned.nearMisses(signal, signal.owner, { limit, turn: this.turn++ });
    }
    this.visitSignal(signal, true);
    return collectNearMisses(signal, limit, { pipelines: this.pipelines, watched: this.watched, turn: this.turn++ });
  }

  /** The hits of a multi-entry signal as matches. */
  private bestMatches(signal: SignalHead): Match[] {
    const matches: Match[] = [];
    for (let hit = 0; hit < this.hits; hit += 1) {
      const pipeline = this.hitPipelines[hit];
      const entry = signal.tickers[this.hitEntries[hit] ?? 0];
      if (pipeline === undefined || entry === undefined) throw new Error('the match index is inconsistent');
      matches.push({ pipeline, ticker: entry.ticker, direction: entry.signal, confidence: entry.confidence });
    }
    return matches;
  }

  /**
   * @param markAll collects hits and marks their pipelines, so that another entry can replace them with a better one.
   * Without it, matches are created at once, and only pipelines that one entry can hit twice are marked. Marking is a
   * random memory access.
   */
  private visitSignal(signal: SignalHead, markAll: boolean): void {
    this.hits = 0;
    this.markAll = markAll;
    this.pipelines.startRound();
    const { tickers } = signal;
    const { watched } = this;
    this.entries = tickers;
    for (let position = 0; position < tickers.length; position += 1) {
      const entry = tickers[position];
      if (entry === undefined) continue;
      this.entry = entry;
      this.position = position;
      const direction = directionCode(entry.signal);
      const ticker = watched.idOf(entry.ticker);
      if (ticker !== undefined) this.visitTicker(signal, ticker, direction);
      if (watched.hasNoPatterns) continue;
      for (const pattern of watched.patternsCovering(entry.ticker)) this.visitTicker(signal, pattern, direction);
    }
  }

  /** Visits the ranges of one watched ticker or pattern that a signal's entry can reach. */
  private visitTicker(signal: SignalHead, ticker: number, direction: number): void {
    const { watched } = this;
    const shape = watched.shapeOf(ticker);
    if ((shape & 1) !== 0) this.visitEntry(ticker, ANY, ANY, direction);
    if ((shape & 2) !== 0) {
      const type = watched.typeOf(signal.signalType);
      if (type !== ANY) this.visitEntry(ticker, type, ANY, direction);
    }
    if (shape < 4) return;
    const source = watched.sourceOf(signal.source);
    if (source === ANY) return;
    if ((shape & 4) !== 0) this.visitEntry(ticker, ANY, source, direction);
    if ((shape & 8) !== 0) {
      const type = watched.typeOf(signal.signalType);
      if (type !== ANY) this.visitEntry(ticker, type, source, direction);
    }
  }

  private visitEntry(ticker: number, type: number, source: number, direction: number): void {
    const hash = hashOf(ticker, type, source);
    const words = this.watched.table.shardOf(hash);
    const entry = findEntry(words, hash, ticker, type, source);
    if (entry < 0) return;
    this.visitRange(words, rangeAt(entry, ANY_DIRECTION));
    this.visitRange(words, rangeAt(entry, direction));
  }

  private visitRange(words: Uint32Array, at: number): void {
    const start = words[at] ?? 0;
    const count = words[at + 1] ?? 0;
    if (count === 0) return;
    const reached = this.takeReached(start, Math.min(count, LARGEST_BLOCK));
    // Either a free position or the end of the block: its last posting was reached. Read from the block itself, because
    // the list of other blocks is elsewhere in memory.
    if (count > LARGEST_BLOCK && this.watched.ranges.pages.endsAt(start, reached)) {
      this.visitFurtherBlocks(words[at + 2] ?? 0);
    }
  }

  /** Visits the remaining blocks of a long range, when its first block was reached to the end. */
  private visitFurtherBlocks(number: number): void {
    const { addresses, counts } = this.watched.ranges.longRange(number);
    for (let place = 1; place < addresses.length; place += 1) {
      const size = counts[place] ?? 0;
      if (this.takeReached(addresses[place] ?? 0, size) < size) return;
    }
  }

  /** Takes every posting of a block whose threshold the entry reaches; returns their number. */
  private takeReached(address: number, count: number): number {
    const { pages } = this.watched.ranges;
    const page = pageOf(address);
    const thresholds = pages.thresholds[page] as Float64Array;
    const words = pages.words[page] as Uint32Array;
    const pipelines = pages.pipelines[page] as Pipeline[];
    const { ticker, signal: direction, confidence } = this.entry;
    const first = positionOf(address);
    const end = first + count;
    let place = first;
    if (this.markAll) {
      for (; place < end && (thresholds[place * 2] as number) <= confidence; place += 1) {
        this.keepHit(words[place * 4 + 2] as number, pipelines[place] as Pipeline);
      }
      return place - first;
    }
    if (count === 0 || (thresholds[place * 2] as number) > confidence) return 0;
    const found = (this.found ??= []);
    for (; place < end && (thresholds[place * 2] as number) <= confidence; place += 1) {
      const isSole = ((words[place * 4 + 3] as number) & SOLE_FLAG) !== 0;
      if (!isSole && !this.isFirstHit(words[place * 4 + 2] as number)) continue;
      found.push({ pipeline: pipelines[place] as Pipeline, ticker, direction, confidence });
    }
    return place - first;
  }

  /** Whether this signal hits a pipeline for the first time; marks it. */
  private isFirstHit(owner: number): boolean {
    if (this.pipelines.markOf(owner) >= 0) return false;
    this.pipelines.mark(owner, 0);
    return true;
  }

  /** Keeps the better of several entries that hit a pipeline, the earlier of equals. They arrive in order. */
  private keepHit(owner: number, pipeline: Pipeline): void {
    const held = this.pipelines.markOf(owner);
    if (held < 0) {
      this.pipelines.mark(owner, this.hits);
      this.hitPipelines[this.hits] = pipeline;
      this.hitEntries[this.hits] = this.position;
      this.hits += 1;
      return;
    }
    const other = this.entries[this.hitEntries[held] ?? 0];
    if (other !== undefined && this.entry.confidence > other.confidence) this.hitEntries[held] = this.position;
  }
}
