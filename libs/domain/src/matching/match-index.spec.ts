import * as fc from 'fast-check';

import { buildPipeline, buildSignal } from '@tripline/testing';

import { TRIGGER_MODES, type Pipeline } from '../pipelines/pipeline';
import { SIGNAL_DIRECTIONS, type Signal } from '../signals/signal';
import { type Match, pipelineMatches } from './match';
import { MatchIndex } from './match-index';

const tickers = fc.constantFrom('^SPX', 'AAPL', 'MSFT', 'BTC-USD');
const types = fc.constantFrom('golden_cross', 'rsi', 'volume_spike');
/** Few values, so that thresholds and confidences often meet exactly. */
const confidences = fc.constantFrom(0, 20, 50, 50.5, 80, 100);

const pipelines: fc.Arbitrary<Pipeline> = fc
  .record({
    id: fc.uuid(),
    isActive: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
    triggerMode: fc.oneof({ weight: 4, arbitrary: fc.constant('signal' as const) }, fc.constantFrom(...TRIGGER_MODES)),
    tickers: fc.array(tickers, { maxLength: 4 }),
    subscriptions: fc.array(
      fc.record({
        signalType: types,
        minConfidence: confidences,
        direction: fc.option(fc.constantFrom(...SIGNAL_DIRECTIONS), { nil: undefined }),
      }),
      { maxLength: 4 },
    ),
  })
  .map((fields) => buildPipeline(fields));

const signals: fc.Arbitrary<Signal> = fc
  .record({
    signalType: types,
    tickers: fc.uniqueArray(
      fc.record({ ticker: tickers, signal: fc.constantFrom(...SIGNAL_DIRECTIONS), confidence: confidences }),
      { selector: (entry) => entry.ticker, minLength: 1, maxLength: 4 },
    ),
  })
  .map((fields) => buildSignal(fields));

const uniquePipelines = fc.uniqueArray(pipelines, { selector: (pipeline) => pipeline.id, maxLength: 30 });

function byPipeline(matches: readonly Match[]): Match[] {
  return [...matches].sort((a, b) => a.pipeline.id.localeCompare(b.pipeline.id));
}

function naive(all: readonly Pipeline[], signal: Signal): Match[] {
  return all.map((pipeline) => pipelineMatches(pipeline, signal)).filter((match) => match !== null);
}

describe('MatchIndex', () => {
  it('answers as every pipeline asked on its own, for any pipelines and signals', () => {
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

  it('finds every reached threshold where very many pipelines want the same', () => {
    const all = Array.from({ length: 200 }, (_, place) =>
      buildPipeline({ subscriptions: [{ signalType: 'golden_cross', minConfidence: (place * 37) % 101 }] }),
    );
    const index = MatchIndex.build(all);
    for (const confidence of [0, 1, 36.5, 37, 99, 100]) {
      const signal = buildSignal({ tickers: [{ ticker: '^SPX', signal: 'BULLISH', confidence }] });
      expect(byPipeline(index.match(signal))).toEqual(byPipeline(naive(all, signal)));
    }
  });

  it('finds as near misses exactly the watching pipelines that do not match, each once', () => {
    fc.assert(
      fc.property(uniquePipelines, signals, (all, signal) => {
        const named = new Set(signal.tickers.map((entry) => entry.ticker));
        const expected = all.filter(
          (pipeline) =>
            pipeline.isActive &&
            pipeline.triggerMode === 'signal' &&
            pipeline.tickers.some((ticker) => named.has(ticker)) &&
            pipelineMatches(pipeline, signal) === null,
        );
        const misses = MatchIndex.build(all).nearMisses(signal, 10_000);
        expect(misses.map((miss) => miss.pipeline.id).sort()).toEqual(expected.map((pipeline) => pipeline.id).sort());
      }),
      { numRuns: 500 },
    );
  });

  it('reports a near miss by what was missing, nearest first and bounded', () => {
    const wants = (name: string, subscription: Partial<Pipeline['subscriptions'][number]>): Pipeline =>
      buildPipeline({ name, subscriptions: [{ signalType: 'golden_cross', minConfidence: 0, ...subscription }] });
    const index = MatchIndex.build([
      wants('other type', { signalType: 'rsi' }),
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
      ['other type', 'signal_type', 0],
    ]);
    expect(index.nearMisses(signal, 1).map((miss) => miss.pipeline.name)).toEqual(['needs 81']);
    expect(index.nearMisses(signal, 0)).toEqual([]);
  });

  it('takes the ticker entry with the highest confidence, of equals the first', () => {
    const pipeline = buildPipeline({ tickers: ['AAPL', 'MSFT', 'ORCL'] });
    const signal = buildSignal({
      tickers: [
        { ticker: 'ORCL', signal: 'BULLISH', confidence: 60 },
        { ticker: 'MSFT', signal: 'BEARISH', confidence: 90 },
        { ticker: 'AAPL', signal: 'BULLISH', confidence: 90 },
      ],
    });
    const [match] = MatchIndex.build([pipeline]).match(signal);
    expect(match).toMatchObject({ ticker: 'MSFT', direction: 'BEARISH', confidence: 90, subscription: null });
    expect(match?.pipeline).toBe(pipeline);
  });

  it('counts a threshold as reached when the confidence equals it', () => {
    const pipeline = buildPipeline({ subscriptions: [{ signalType: 'golden_cross', minConfidence: 80 }] });
    const index = MatchIndex.build([pipeline]);
    expect(index.match(buildSignal())).toHaveLength(1);
    expect(index.match(buildSignal({ tickers: [{ ticker: '^SPX', signal: 'BULLISH', confidence: 79.99 }] }))).toEqual(
      [],
    );
  });

  it('gives every miss the same empty answer', () => {
    const index = MatchIndex.build([buildPipeline({ tickers: ['AAPL'] })]);
    expect(index.match(buildSignal())).toBe(index.match(buildSignal({ signalType: 'rsi' })));
    expect([index.size, index.tickerCount, index.postingCount]).toEqual([1, 1, 1]);
  });
});
