import { isTickerPattern, type Match, type Pipeline, pipelineMatches, type SignalHead } from '@tripline/triggers';
import { compareNearMisses, type NearMiss, nearMissOf } from './near-misses';
import { OwnerChains } from './owner-chains';
import { drawn, rotated, SALTS } from './turn-draws';

/** One user's pipelines by the tickers and patterns they watch. */
interface WatchLists {
  /** Pipelines that name tickers only. */
  readonly byTicker: ReadonlyMap<string, readonly Pipeline[]>;
  /** Pipelines with at least one pattern. */
  readonly withPattern: readonly Pipeline[];
  /** Entries of all lists. */
  readonly entries: number;
}

const NONE: readonly Pipeline[] = Object.freeze([]);
/** Maximum entries of cached lists. Beyond it, lists are rebuilt on demand. */
const MAX_REMEMBERED = 500_000;

/**
 * The pipelines of an index by owner, for private signals. Each costs one step per pipeline of its owner that watches
 * one of its tickers, however many pipelines other users have. Lists are built for a user's first private signal, and
 * rebuilt after a change to their pipelines. Users who publish nothing cost two words per pipeline.
 */
export class OwnedPipelines {
  private readonly chains = new OwnerChains();
  private readonly remembered = new Map<string, WatchLists>();
  private entries = 0;

  /** @param at the pipeline of a number of the index */
  constructor(private readonly at: (number: number) => Pipeline | undefined) {}

  add(pipeline: Pipeline, number: number): void {
    this.chains.add(pipeline.userId, number);
    this.forget(pipeline.userId);
  }

  /** Removes a pipeline that was added with this number. */
  delete(pipeline: Pipeline, number: number): void {
    this.chains.delete(pipeline.userId, number);
    this.forget(pipeline.userId);
  }

  /** One match per matching pipeline of the owner. */
  match(signal: SignalHead, owner: string): readonly Match[] {
    const matches: Match[] = [];
    for (const pipeline of this.watching(signal, owner)) {
      const match = pipelineMatches(pipeline, signal);
      if (match !== null) matches.push(match);
    }
    return matches;
  }

  /** At most `limit` pipelines of the owner that watch a ticker of the signal and do not match it, the nearest first. */
  nearMisses(signal: SignalHead, owner: string, { limit, turn }: { limit: number; turn: number }): readonly NearMiss[] {
    const misses: NearMiss[] = [];
    for (const pipeline of this.watching(signal, owner)) {
      const miss = pipelineMatches(pipeline, signal) === null ? nearMissOf(pipeline, signal) : null;
      if (miss !== null) misses.push(miss);
    }
    return rotated(misses, drawn(turn, SALTS.tie, misses.length))
      .sort(compareNearMisses)
      .slice(0, limit);
  }

  /** The owner's pipelines that may watch a ticker of the signal, each once. */
  private watching(signal: SignalHead, owner: string): Iterable<Pipeline> {
    const { byTicker, withPattern } = this.listsOf(owner);
    const [first] = signal.tickers;
    if (first !== undefined && signal.tickers.length === 1) {
      const named = byTicker.get(first.ticker) ?? NONE;
      return withPattern.length === 0 ? named : [...withPattern, ...named];
    }
    const found = new Set(withPattern);
    for (const { ticker } of signal.tickers) for (const pipeline of byTicker.get(ticker) ?? NONE) found.add(pipeline);
    return found;
  }

  private listsOf(owner: string): WatchLists {
    const known = this.remembered.get(owner);
    if (known !== undefined) return known;
    const lists = buildLists(this.pipelinesOf(owner));
    if (this.entries + lists.entries > MAX_REMEMBERED) {
      this.remembered.clear();
      this.entries = 0;
    }
    this.remembered.set(owner, lists);
    this.entries += lists.entries;
    return lists;
  }

  private *pipelinesOf(owner: string): Generator<Pipeline> {
    for (const number of this.chains.of(owner)) {
      const pipeline = this.at(number);
      if (pipeline !== undefined) yield pipeline;
    }
  }

  private forget(owner: string): void {
    this.entries -= this.remembered.get(owner)?.entries ?? 0;
    this.remembered.delete(owner);
  }
}

function buildLists(pipelines: Iterable<Pipeline>): WatchLists {
  const byTicker = new Map<string, Pipeline[]>();
  const withPattern: Pipeline[] = [];
  // One for the user, because a user without pipelines is cached as well.
  let entries = 1;
  for (const pipeline of pipelines) {
    if (pipeline.tickers.some(isTickerPattern)) {
      withPattern.push(pipeline);
      entries += 1;
      continue;
    }
    for (const ticker of new Set(pipeline.tickers)) {
      const list = byTicker.get(ticker);
      if (list === undefined) byTicker.set(ticker, [pipeline]);
      else list.push(pipeline);
      entries += 1;
    }
  }
  return { byTicker, withPattern, entries };
}
