import * as fc from 'fast-check';

import { buildPipeline, buildSignal } from '@tripline/testing';

import {
  type Match,
  type Pipeline,
  pipelineMatches,
  RULE_KINDS,
  type Signal,
  type SignalSubscription,
  TRIGGER_MODES,
  watchesTicker,
} from '@tripline/triggers';
import { SIGNAL_DIRECTIONS } from '@tripline/market';
import { MatchIndex } from './match-index';
import { LARGEST_BLOCK } from './posting-pages';

const tickers = fc.constantFrom('^SPX', 'AAPL', 'MSFT', 'BTC-USD', 'BTC-EUR');
const watched = fc.oneof({ weight: 4, arbitrary: tickers }, fc.constantFrom('*', 'BTC-*', 'B*', 'AAPL*', 'X-*'));
const types = fc.constantFrom('golden_cross', 'rsi', 'volume_spike');
const sources = fc.constantFrom('test', 'mock', 'webhook:tradingview');
const owners = fc.constantFrom('alice', 'bob', 'carol');
/** Few values, so that thresholds and confidences are often equal. */
const confidences = fc.constantFrom(0, 20, 50, 50.5, 80, 100);

const subscriptions: fc.Arbitrary<SignalSubscription> = fc.record({
  signalType: fc.option(types, { nil: undefined }),
  minConfidence: confidences,
  direction: fc.option(fc.constantFrom(...SIGNAL_DIRECTIONS), { nil: undefined }),
  source: fc.option(sources, { nil: undefined, freq: 2 }),
});

const rules: fc.Arbitrary<Pipeline['rule']> = fc.record({
  kind: fc.constantFrom(...RULE_KINDS),
  conditions: fc.array(subscriptions, { minLength: 1, maxLength: 3 }),
  count: fc.constant(1),
  withinMs: fc.constant(60_000),
  noneOf: fc.array(subscriptions, { maxLength: 2 }),
});

/** Few ids, so that a stream of pipelines contains several versions of one. */
const ids = fc.integer({ min: 0, max: 40 }).map((place) => `pipeline-${place}`);

const pipelines: fc.Arbitrary<Pipeline> = fc
  .record({
    id: ids,
    userId: owners,
    isActive: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
    triggerMode: fc.oneof({ weight: 4, arbitrary: fc.constant('signal' as const) }, fc.constantFrom(...TRIGGER_MODES)),
    tickers: fc.array(watched, { maxLength: 4 }),
    subscriptions: fc.array(subscriptions, { maxLength: 4 }),
    rule: fc.option(rules, { freq: 5 }),
  })
  .map((fields) => buildPipeline(fields));

const signals: fc.Arbitrary<Signal> = fc
  .record({
    signalType: types,
    source: sources,
    owner: fc.option(fc.oneof({ weight: 6, arbitrary: owners }, fc.constant('nobody')), { nil: undefined }),
    tickers: fc.uniqueArray(
      fc.record({ ticker: tickers, signal: fc.constantFrom(...SIGNAL_DIRECTIONS), confidence: confidences }),
      { selector: (entry) => entry.ticker, minLength: 1, maxLength: 4 },
    ),
  })
  .map((fields) => buildSignal(fields));

const uniquePipelines = fc.uniqueArray(pipelines, { selector: (pipeline) => pipeline.id, maxLength: 30 });

type Change = { readonly set: Pipeline } | { readonly delete: string } | { readonly match: Signal };
const changes: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ set: pipelines }) },
  { weight: 1, arbitrary: fc.record({ delete: ids }) },
  { weight: 2, arbitrary: fc.record({ match: signals }) },
);

function byPipeline(matches: readonly Match[]): Match[] {
  return [...matches].sort((a, b) => a.pipeline.id.localeCompare(b.pipeline.id));
}

function naive(all: Iterable<Pipeline>, signal: Signal): Match[] {
  return Array.from(all)
    .map((pipeline) => pipelineMatches(pipeline, signal))
    .filter((match) => match !== null);
}

describe('MatchIndex', () => {
  it('agrees with pipelineMatches for any pipelines and signals', () => {
    fc.assert(
      fc.property(uniquePipelines, fc.array(signals, { minLength: 1, maxLength: 8 }), (all, stream) => {
        const index = MatchIndex.build(all);
        for (const signal of stream) {
          expect(byPipeline(index.match(signal))).toEqual(byPipeline(naive(all, signal)));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with pipelineMatches after any sequence of changes, and keeps nothing of removed pipelines', () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 60 }), (stream) => {
        const index = new MatchIndex();
        const held = new Map<string, Pipeline>();
        for (const change of stream) {
          if ('match' in change) {
            expect(byPipeline(index.match(change.match))).toEqual(byPipeline(naive(held.values(), change.match)));
          } else if ('set' in change) {
            index.set(change.set);
            held.set(change.set.id, change.set);
          } else {
            index.delete(change.delete);
            held.delete(change.delete);
          }
        }
        for (const id of held.keys()) index.delete(id);
        expect([index.size, index.tickerCount, index.postingCount, index.entryCount]).toEqual([0, 0, 0, 0]);
      }),
      { numRuns: 500 },
    );
  });

  it('finds every reached threshold while many equal pipelines are added and removed', () => {
    const all = Array.from({ length: LARGEST_BLOCK * 6 }, (_, place) =>
      buildPipeline({ subscriptions: [{ signalType: 'golden_cross', minConfidence: (place * 37) % 101 }] }),
    );
    const index = new MatchIndex();
    const held = new Set<Pipeline>();
    const check = (): void => {
      for (const confidence of [0, 1, 36.5, 37, 99, 100]) {
        const signal = buildSignal({ tickers: [{ ticker: '^SPX', signal: 'BULLISH', confidence }] });
        expect(new Set(index.match(signal).map((match) => match.pipeline.id))).toEqual(
          new Set(naive(held, signal).map((match) => match.pipeline.id)),
        );
      }
    };
    all.forEach((pipeline, place) => {
      index.set(pipeline);
      held.add(pipeline);
      if (place % 500 === 0 || (place > LARGEST_BLOCK - 2 && place < LARGEST_BLOCK + 2)) check();
    });
    all.forEach((pipeline, place) => {
      index.delete(all[(place * 7) % all.length]?.id ?? '');
      held.delete(all[(place * 7) % all.length] ?? pipeline);
      if (place % 500 === 0 || (held.size > LARGEST_BLOCK - 2 && held.size < LARGEST_BLOCK + 2)) check();
    });
    expect(index.size).toBe(0);
  });

  it('finds exactly the watching pipelines that do not match as near misses, each once', () => {
    fc.assert(
      fc.property(uniquePipelines, signals, (all, signal) => {
        const expected = all.filter(
          (pipeline) =>
            pipeline.isActive &&
            pipeline.triggerMode === 'signal' &&
            (signal.owner === undefined || signal.owner === pipeline.userId) &&
            signal.tickers.some(({ ticker }) => watchesTicker(pipeline.tickers, ticker)) &&
            pipelineMatches(pipeline, signal) === null,
        );
        const misses = MatchIndex.build(all).nearMisses(signal, 10_000);
        expect(misses.map((miss) => miss.pipeline.id).sort()).toEqual(expected.map((pipeline) => pipeline.id).sort());
      }),
      { numRuns: 500 },
    );
  });

  it("matches a private signal with its owner's pipelines only", () => {
    const [own, other] = [buildPipeline({ userId: 'alice' }), buildPipeline({ userId: 'bob' })];
    const index = MatchIndex.build([own, other]);
    const matched = (owner: string | undefined) =>
      index.match(buildSignal({ owner })).map(({ pipeline }) => pipeline.id);
    expect(matched('alice')).toEqual([own.id]);
    expect(matched('bob')).toEqual([other.id]);
    expect(matched('carol')).toEqual([]);
    expect(matched(undefined).sort()).toEqual([own.id, other.id].sort());
    index.set({ ...own, version: 2, userId: 'bob' });
    expect(matched('alice')).toEqual([]);
    expect(matched('bob').sort()).toEqual([own.id, other.id].sort());
  });

  it('finds the same near misses for a private signal as for a shared one among the same pipelines', () => {
    fc.assert(
      fc.property(uniquePipelines, signals, (all, drawn) => {
        const signal = { ...drawn, owner: 'alice' };
        const own = all.filter(({ userId }) => userId === 'alice');
        const facts = (index: MatchIndex, of: Signal) =>
          index
            .nearMisses(of, 10_000)
            .map(({ pipeline, reason, shortBy }) => [pipeline.id, reason, shortBy])
            .sort();
        expect(facts(MatchIndex.build(all), signal)).toEqual(
          facts(MatchIndex.build(own), { ...signal, owner: undefined }),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('reports near misses with the missing condition, nearest first and bounded', () => {
    const wants = (name: string, subscription: Partial<SignalSubscription>): Pipeline =>
      buildPipeline({ name, subscriptions: [{ signalType: 'golden_cross', minConfidence: 0, ...subscription }] });
    const index = MatchIndex.build([
      wants('other type', { signalType: 'rsi' }),
      wants('other source', { source: 'mock' }),
      wants('other direction', { direction: 'BEARISH' }),
      wants('needs 95', { minConfidence: 95 }),
      wants('needs 81', { minConfidence: 81 }),
      wants('matches', { minConfidence: 80 }),
    ]);
    const signal = buildSignal();
    const seen = index.nearMisses(signal, 10).map((miss) => [miss.pipeline.name, miss.reason, miss.shortBy]);
    expect(seen).toEqual([
      ['needs 81', 'confidence', 1],
      ['needs 95', 'confidence', 15],
      ['other direction', 'direction', 0],
      ['other source', 'source', 0],
      ['other type', 'signal_type', 0],
    ]);
    expect(index.nearMisses(signal, 1).map((miss) => miss.pipeline.name)).toEqual(['needs 81']);
    expect(index.nearMisses(signal, 0)).toEqual([]);
  });

  it('shows different near misses with each signal when there are too many to visit', () => {
    const index = MatchIndex.build(
      Array.from({ length: 1_000 }, () => buildPipeline({ subscriptions: [{ signalType: 'rsi', minConfidence: 0 }] })),
    );
    const seen = new Set<string>();
    for (let n = 0; n < 50; n += 1) for (const miss of index.nearMisses(buildSignal(), 5)) seen.add(miss.pipeline.id);
    expect(seen.size).toBeGreaterThan(150);
  });

  it('finds the nearest among many signal types, and different ones of the rest with each signal', () => {
    const wants = (signalType: string, minConfidence: number): Pipeline =>
      buildPipeline({ name: signalType, subscriptions: [{ signalType, minConfidence }] });
    const others = Array.from({ length: 5_000 }, (_, n) => wants(`type_${n}`, 0));
    const index = MatchIndex.build([...others.slice(0, 2_500), wants('golden_cross', 85), ...others.slice(2_500)]);
    const seen = new Set<string>();
    for (let n = 0; n < 20; n += 1) {
      const [first, ...rest] = index.nearMisses(buildSignal(), 10);
      expect(first).toMatchObject({ reason: 'confidence', shortBy: 5 });
      for (const miss of rest) seen.add(miss.pipeline.name);
    }
    expect(seen.size).toBeGreaterThan(100);
  });

  it.each([
    ['8 other signal types', 8],
    ['20 other signal types', 20],
    ['80 other signal types', 80],
  ])('eventually shows nearly all of 60 pipelines of each of %s', (_, types) => {
    const index = MatchIndex.build(
      Array.from({ length: types * 60 }, (__, n) =>
        buildPipeline({ subscriptions: [{ signalType: `type_${n % types}`, minConfidence: 0 }] }),
      ),
    );
    expect(shownBy(index, types * 60)).toBeGreaterThan(types * 60 * 0.97);
  });

  it.each([11, 60, 80, 1_200])(
    'eventually shows nearly all of %i pipelines that miss by the same confidence',
    (count) => {
      const subscription = { signalType: 'golden_cross', minConfidence: 85 };
      const index = MatchIndex.build(
        Array.from({ length: count }, () => buildPipeline({ subscriptions: [subscription] })),
      );
      expect(shownBy(index, count)).toBeGreaterThan(count * 0.95);
    },
  );

  it('never hides a nearer miss behind a farther one or another ticker', () => {
    const any = Array.from({ length: 200 }, () => buildPipeline({ subscriptions: [{ minConfidence: 89 }] }));
    const typed = Array.from({ length: 200 }, (_, n) =>
      buildPipeline({ subscriptions: [{ signalType: `type_${n}`, minConfidence: 0 }] }),
    );
    const nearly = { signalType: 'golden_cross', minConfidence: 80.5 };
    const index = MatchIndex.build([
      ...[...any, ...typed, buildPipeline({ name: 'typed', subscriptions: [nearly] })],
      buildPipeline({ name: 'pattern', tickers: ['*'], subscriptions: [nearly] }),
      buildPipeline({ name: 'source', tickers: ['*'], subscriptions: [{ source: 'elsewhere', minConfidence: 0 }] }),
    ]);
    for (let n = 0; n < 100; n += 1) {
      const names = index.nearMisses(buildSignal(), 10).map(({ pipeline }) => pipeline.name);
      expect(names.slice(0, 2).sort()).toEqual(['pattern', 'typed']);
    }
    const others = MatchIndex.build(
      [...typed, ...index.all()].filter(({ name }) => name !== 'pattern' && name !== 'typed'),
    );
    for (const pipeline of any) others.delete(pipeline.id);
    const [first] = others.nearMisses(buildSignal(), 10);
    expect(first?.pipeline.name).toBe('source');
  });

  it('uses the ticker entry with the highest confidence, or the first of equals', () => {
    const pipeline = buildPipeline({ tickers: ['AAPL', 'MSFT', 'ORCL'] });
    const signal = buildSignal({
      tickers: [
        { ticker: 'ORCL', signal: 'BULLISH', confidence: 60 },
        { ticker: 'MSFT', signal: 'BEARISH', confidence: 90 },
        { ticker: 'AAPL', signal: 'BULLISH', confidence: 90 },
      ],
    });
    const [match] = MatchIndex.build([pipeline]).match(signal);
    expect(match).toEqual({ pipeline, ticker: 'MSFT', direction: 'BEARISH', confidence: 90 });
    expect(match?.pipeline).toBe(pipeline);
  });

  it('treats a threshold as reached when the confidence equals it', () => {
    const pipeline = buildPipeline({ subscriptions: [{ signalType: 'golden_cross', minConfidence: 80 }] });
    const index = MatchIndex.build([pipeline]);
    expect(index.match(buildSignal())).toHaveLength(1);
    expect(index.match(buildSignal({ tickers: [{ ticker: '^SPX', signal: 'BULLISH', confidence: 79.99 }] }))).toEqual(
      [],
    );
  });

  it('returns the same empty array for every miss', () => {
    const index = MatchIndex.build([buildPipeline({ tickers: ['AAPL'] })]);
    expect(index.match(buildSignal())).toBe(index.match(buildSignal({ signalType: 'rsi' })));
    expect([index.size, index.tickerCount, index.postingCount]).toEqual([1, 1, 1]);
  });

  it('keeps the matched version in a match when the pipeline changes', () => {
    const before = buildPipeline();
    const index = MatchIndex.build([before]);
    const [match] = index.match(buildSignal());
    const version = index.version;
    index.set({ ...before, version: 2, tickers: ['AAPL'] });
    expect(match?.pipeline).toBe(before);
    expect(index.version).toBeGreaterThan(version);
    expect(index.match(buildSignal())).toEqual([]);
    expect(index.get(before.id)?.version).toBe(2);
  });
});

/** How many pipelines are shown at least once, given enough signals to show each twelve times. */
function shownBy(index: MatchIndex, pipelines: number): number {
  const seen = new Set<string>();
  for (let n = 0; n < pipelines * 1.2; n += 1) {
    for (const miss of index.nearMisses(buildSignal(), 10)) seen.add(miss.pipeline.id);
  }
  return seen.size;
}
