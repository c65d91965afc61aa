import { benchSignalId, encodeSignal, signalTypeOf, tickerOf, traceparentOf } from '../support/signals';
import type { SeededPipeline } from '../support/seed-pipelines';
import type { TopicRecord } from '../support/bare/fill-topic';

const TYPES = 10;
/** Confidences run from 0.0 to 99.9 in steps of 0.1; one in ten reaches this threshold. */
const MIN_CONFIDENCE = 90;
const CONFIDENCE_STEPS = 1_000;
/** Spreads consecutive indexes over tickers, types and confidences; odd, so that every value occurs. */
const SPREAD = 2_654_435_761;

/** One pipeline per ticker and signal type, each with a threshold: one signal in ten matches exactly one pipeline. */
export function selectivePipelines(count: number): SeededPipeline[] {
  return Array.from({ length: count }, (_, index) => ({
    tickers: [tickerOf(Math.floor(index / TYPES))],
    subscriptions: [{ signalType: signalTypeOf(index % TYPES), minConfidence: MIN_CONFIDENCE }],
  }));
}

/** The n-th signal for this number of pipelines. */
export function selectiveSignal(index: number, pipelines: number): TopicRecord {
  const spread = (Math.imul(index, SPREAD) >>> 0) % (pipelines * CONFIDENCE_STEPS);
  const pipeline = Math.floor(spread / CONFIDENCE_STEPS);
  const ticker = tickerOf(Math.floor(pipeline / TYPES));
  const value = encodeSignal({
    id: benchSignalId(index),
    signalType: signalTypeOf(pipeline % TYPES),
    ticker,
    confidence: (spread % CONFIDENCE_STEPS) / 10,
    timestamp: '2026-01-05T15:00:00.000Z',
  });
  return { key: ticker, value, headers: { traceparent: traceparentOf(index) } };
}
