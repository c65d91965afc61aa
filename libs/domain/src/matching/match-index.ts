import type { Pipeline } from '../pipelines/pipeline';
import type { Signal } from '../signals/signal';
import { listensToSignals, type Match, type NearMiss } from './match';
import { collectNearMisses } from './near-misses';
import {
  ANY_DIRECTION,
  at,
  buildPostings,
  DIRECTIONS_PER_GROUP,
  directionCode,
  NO_SUBSCRIPTION,
  type Postings,
  SOLE_FLAG,
} from './postings';

const NO_MATCHES: readonly Match[] = Object.freeze([]);
const LAST_ROUND = 0xffff_ffff;

/**
 * An immutable snapshot of the pipelines that listen to signals, inverted: ticker → signal type → thresholds in order.
 * A signal costs a look-up per ticker plus a step per fulfilled subscription, however many pipelines there are. Answers
 * are those of `pipelineMatches`, asked of every pipeline.
 */
export class MatchIndex {
  /** Marks the pipelines seen for the current signal, without clearing anything between signals. */
  private readonly rounds: Uint32Array;
  /** Where the hit of a marked pipeline is in the scratch arrays below. */
  private readonly slots: Uint32Array;
  private round = 0;
  /** The hits of the current signal: posting, position of its ticker entry, direction code of its range. */
  private hits = 0;
  private readonly hitPlace: number[] = [];
  private readonly hitEntry: number[] = [];
  private readonly hitCode: number[] = [];

  private constructor(
    private readonly pipelines: readonly Pipeline[],
    private readonly postings: Postings,
  ) {
    this.rounds = new Uint32Array(pipelines.length);
    this.slots = new Uint32Array(pipelines.length);
  }

  /** Indexes the active pipelines of trigger mode `signal`; the others are left out. */
  static build(pipelines: Iterable<Pipeline>): MatchIndex {
    const listening = Array.from(pipelines).filter(listensToSignals);
    return new MatchIndex(listening, buildPostings(listening));
  }

  /** Number of indexed pipelines. */
  get size(): number {
    return this.pipelines.length;
  }

  /** Number of distinct tickers that some indexed pipeline watches. */
  get tickerCount(): number {
    return this.postings.tickers.size;
  }

  /** Number of (ticker, subscription) pairs: what the memory of the index follows, 14 bytes each. */
  get postingCount(): number {
    return this.postings.pipelines.length;
  }

  /** One match per pipeline the signal fits, in no particular order. Allocates nothing when there is none. */
  match(signal: Signal): readonly Match[] {
    this.collectHits(signal, signal.tickers.length > 1);
    if (this.hits === 0) return NO_MATCHES;
    const matches: Match[] = [];
    for (let slot = 0; slot < this.hits; slot += 1) matches.push(this.toMatch(signal, slot));
    return matches;
  }

  /**
   * At most `limit` pipelines that watch a ticker of the signal and do not match it, the nearest first: confidence
   * (least missing first), then direction, then signal type. The work is bounded by the limit, so of very many near
   * misses some farther ones may stand in for nearer ones of the same reason.
   */
  nearMisses(signal: Signal, limit: number): readonly NearMiss[] {
    if (limit <= 0) return [];
    this.collectHits(signal, true);
    return collectNearMisses(signal, limit, {
      pipelines: this.pipelines,
      postings: this.postings,
      isTaken: (owner) => this.rounds[owner] === this.round,
      take: (owner) => {
        this.rounds[owner] = this.round;
      },
    });
  }

  /**
   * @param markAll also marks pipelines that cannot be hit twice; without it a signal of one ticker leaves the marks,
   * which lie anywhere in memory, alone: what keeps the cost per match flat for very many pipelines.
   */
  private collectHits(signal: Signal, markAll: boolean): void {
    this.hits = 0;
    this.startRound();
    const { tickers } = signal;
    for (let position = 0; position < tickers.length; position += 1) {
      const entry = tickers[position];
      if (entry === undefined) continue;
      const groups = this.postings.tickers.get(entry.ticker);
      if (groups === undefined) continue;
      if (groups.everything >= 0) this.walk(signal, groups.everything, ANY_DIRECTION, position, markAll);
      const group = groups.byType.get(signal.signalType);
      if (group === undefined) continue;
      this.walk(signal, group, ANY_DIRECTION, position, markAll);
      this.walk(signal, group, directionCode(entry.signal), position, markAll);
    }
  }

  private startRound(): void {
    if (this.round === LAST_ROUND) {
      this.rounds.fill(0);
      this.round = 0;
    }
    this.round += 1;
  }

  /** Takes every posting of a range whose threshold the ticker entry reaches. */
  private walk(signal: Signal, group: number, code: number, position: number, markAll: boolean): void {
    const { starts, thresholds, pipelines, ordinals } = this.postings;
    const range = group * DIRECTIONS_PER_GROUP + code;
    const end = at(starts, range + 1);
    const confidence = signal.tickers[position]?.confidence ?? NaN;
    for (let place = at(starts, range); place < end && at(thresholds, place) <= confidence; place += 1) {
      if (!markAll && (at(ordinals, place) & SOLE_FLAG) !== 0) {
        this.putHit(this.hits++, place, position, code);
        continue;
      }
      const owner = at(pipelines, place);
      if (this.rounds[owner] !== this.round) {
        this.rounds[owner] = this.round;
        this.slots[owner] = this.hits;
        this.putHit(this.hits++, place, position, code);
      } else if (this.isBetter(signal, at(this.slots, owner), place, position)) {
        this.putHit(at(this.slots, owner), place, position, code);
      }
    }
  }

  private putHit(slot: number, place: number, position: number, code: number): void {
    this.hitPlace[slot] = place;
    this.hitEntry[slot] = position;
    this.hitCode[slot] = code;
  }

  /** Higher confidence wins, then the earlier entry, then the earlier subscription. Entries come in order. */
  private isBetter(signal: Signal, slot: number, place: number, position: number): boolean {
    const held = this.hitEntry[slot] ?? 0;
    if (held === position) {
      const { ordinals } = this.postings;
      return at(ordinals, place) < at(ordinals, this.hitPlace[slot] ?? 0);
    }
    return (signal.tickers[position]?.confidence ?? 0) > (signal.tickers[held]?.confidence ?? 0);
  }

  private toMatch(signal: Signal, slot: number): Match {
    const { pipelines, thresholds, ordinals } = this.postings;
    const place = this.hitPlace[slot] ?? 0;
    const pipeline = this.pipelines[at(pipelines, place)];
    const entry = signal.tickers[this.hitEntry[slot] ?? 0];
    if (pipeline === undefined || entry === undefined) throw new Error('the match index is inconsistent');
    const { ticker, signal: direction, confidence } = entry;
    if ((at(ordinals, place) & ~SOLE_FLAG) === NO_SUBSCRIPTION) {
      return { pipeline, ticker, direction, confidence, subscription: null };
    }
    // Told by the posting itself: following the pipeline to its list would cost two more misses of the processor's cache.
    const subscription = {
      signalType: signal.signalType,
      minConfidence: at(thresholds, place),
      direction: this.hitCode[slot] === ANY_DIRECTION ? undefined : direction,
    };
    return { pipeline, ticker, direction, confidence, subscription };
  }
}
