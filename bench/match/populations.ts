import { MatchIndex } from '@tripline/matching';
import type { Pipeline, Signal, SignalSubscription } from '@tripline/triggers';
import { createMulberry32 } from '@tripline/runtime';
import { buildPipeline } from '@tripline/testing';

import { signalTypeOf, tickerOf } from '../support/signals';
import { BareIndex } from './bare-index';

/** How to build pipelines and signals for a given number of pipelines. */
export interface Market {
  readonly name: string;
  readonly description: string;
  tickers(pipelines: number): number;
  readonly types: number;
  /** Number of tickers that one pipeline watches. */
  readonly watched: number;
  /** Number of signal types that one pipeline accepts; 0 means every type. */
  readonly subscriptions: number;
  /** Confidence of the next signal, 0..100, for this many matches per signal. */
  confidence(random: () => number, pipelines: number, matches: number): number;
}

/** A fixed set of tickers. As pipelines are added, more of them require a higher confidence than the signal has. */
export const SAME_MARKET: Market = {
  name: 'same market',
  description: '500 tickers, each pipeline watches 10 of them and any signal type; thresholds anywhere from 0 to 100',
  tickers: () => 500,
  types: 10,
  watched: 10,
  subscriptions: 0,
  confidence: (random, pipelines, matches) => ((100 * matches) / ((pipelines * 10) / 500)) * (0.5 + random()),
};

/** Every hundred (or ten) pipelines add a ticker, so each signal hits different memory. */
export function growingMarket(matches: number): Market {
  const dense = matches >= 1;
  return {
    name: 'growing market',
    description: dense
      ? 'a ticker more per 100 pipelines, each watches one, two of 10 signal types'
      : 'a ticker more per 10 pipelines, each watches one, two of 100 signal types',
    tickers: (pipelines) => Math.ceil(pipelines / (dense ? 100 : 10)),
    types: dense ? 10 : 100,
    watched: 1,
    subscriptions: 2,
    confidence: (random) => random() * 100,
  };
}

/** The pipelines of a market in two indexes: the dispatcher's and the bare one. */
export interface Population {
  readonly pipelines: number;
  readonly index: MatchIndex;
  readonly bare: BareIndex;
  /** Memory of the index and the pipelines, bytes. */
  readonly bytes: number;
  readonly buildSeconds: number;
  /** Fills the signals and their bare-index keys with the next values of the stream. */
  draw(signals: readonly MutableSignal[], keys: string[], matches: number): void;
}

/** A reusable signal with one ticker. */
export interface MutableSignal extends Signal {
  signalType: string;
  readonly tickers: readonly [{ ticker: string; signal: 'BULLISH' | 'BEARISH' | 'NEUTRAL'; confidence: number }];
}

/** The fractional parts of its multiples fill 0..1 evenly. */
const GOLDEN = 0.618_033_988_749_895;
const MODEL = buildPipeline();
const DIRECTIONS = ['BULLISH', 'BEARISH', 'NEUTRAL'] as const;

/** @param usedBytes memory in use after a full collection. */
export function populate(market: Market, pipelines: number, usedBytes: () => number): Population {
  const random = createMulberry32(pipelines);
  const pick = (count: number): number => Math.floor(random() * count);
  const tickers = Array.from({ length: market.tickers(pipelines) }, (_, place) => interned(tickerOf(place)));
  const types = Array.from({ length: market.types }, (_, place) => interned(signalTypeOf(place)));
  const before = usedBytes();
  const startedAt = performance.now();
  const index = new MatchIndex();
  const making: Making = { market, tickers, types, watchLists: [], pick };
  for (let place = 0; place < pipelines; place += 1) index.set(pipelineAt(place, making));
  const buildSeconds = (performance.now() - startedAt) / 1_000;
  const bytes = usedBytes() - before;
  const bare = new BareIndex(() => index.all());
  return {
    ...{ pipelines, index, bare, bytes, buildSeconds },
    draw(signals, keys, matches) {
      for (const [place, signal] of signals.entries()) {
        const [entry] = signal.tickers;
        signal.signalType = types[pick(types.length)] ?? '';
        entry.ticker = tickers[pick(tickers.length)] ?? '';
        entry.signal = DIRECTIONS[pick(3)] ?? 'NEUTRAL';
        entry.confidence = market.confidence(random, pipelines, matches);
        keys[place] = bare.keyOf(entry.ticker, market.subscriptions === 0 ? undefined : signal.signalType);
      }
    },
  };
}

interface Making {
  readonly market: Market;
  readonly tickers: readonly string[];
  readonly types: readonly string[];
  readonly watchLists: (readonly string[])[];
  readonly pick: (count: number) => number;
}

/** Equal parts are shared objects, as in the dispatcher's loader; each pipeline has its own subscriptions. */
function pipelineAt(place: number, { market, tickers, types, watchLists, pick }: Making): Pipeline {
  const first = pick(tickers.length);
  let watched = watchLists[first];
  if (watched === undefined) {
    watched = Array.from({ length: market.watched }, (_, n) => tickers[(first + n * 37) % tickers.length] ?? '');
    watchLists[first] = watched;
  }
  const type = pick(types.length);
  const count = Math.max(1, market.subscriptions);
  const subscriptions = Array.from({ length: count }, (_, n): SignalSubscription => {
    const signalType = market.subscriptions === 0 ? undefined : types[(type + n * 3) % types.length];
    // Evenly spread, so that a thousand pipelines match as many signals as a million.
    return { signalType, minConfidence: (((place * count + n) * GOLDEN) % 1) * 100 };
  });
  const id = `${place.toString(16).padStart(8, '0')}-0000-4000-8000-${place.toString(16).padStart(12, '0')}`;
  return { ...MODEL, id, name: `pipeline ${place}`, tickers: watched, subscriptions };
}

/** A ticker as JSON.parse returns it: one string per name, with its hash already computed. */
function interned(name: string): string {
  return (JSON.parse(`["${name}"]`) as [string])[0];
}
