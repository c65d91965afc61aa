import { MOCK_SOURCE, SIGNAL_SCHEMA_VERSION } from '@tripline/contracts';
import { GENERATED_SIGNAL_TYPES, SIGNAL_DIRECTIONS } from '@tripline/market';
import { type Signal, signalIdOf } from '@tripline/triggers';
import { createMulberry32 } from '@tripline/runtime';

import type { FeedStep, SignalFeed } from './feed';

export interface MockFeedOptions {
  /** The same seed gives the same signals, byte for byte. */
  readonly seed: number;
  readonly tickers: readonly string[];
  /** Steps per second (open loop): a step is due by the clock even when earlier ones were slow. */
  readonly ratePerSecond: number;
  /** Number of signals; Infinity runs until stopped. */
  readonly count: number;
  /** Event time of the first signal, epoch ms; it advances by one bar after each round of all tickers. */
  readonly startMs: number;
  readonly timeframe: string;
  readonly timeframeMs: number;
}

/** Mock signals at a fixed rate, for load tests and trials. Event time is simulated: one bar per round of tickers. */
export function createMockFeed(options: MockFeedOptions): SignalFeed {
  const { seed, tickers, ratePerSecond, count, startMs, timeframeMs } = options;
  return {
    key: `${MOCK_SOURCE}:${seed}:${tickers.join('+')}:${startMs}:${options.timeframe}`,
    *steps(): Generator<FeedStep> {
      const random = createMulberry32(seed);
      for (let n = 0; n < count; n += 1) {
        const barEnd = startMs + (Math.floor(n / tickers.length) + 1) * timeframeMs;
        const signal = mockSignal(options, tickers[n % tickers.length] as string, barEnd, random);
        yield { signals: [signal], eventTime: barEnd, dueAfterMs: (n * 1000) / ratePerSecond };
      }
    },
  };
}

function mockSignal(options: MockFeedOptions, ticker: string, barEnd: number, random: () => number): Signal {
  const signalType = GENERATED_SIGNAL_TYPES[Math.floor(random() * GENERATED_SIGNAL_TYPES.length)] ?? 'macd_cross';
  const direction = SIGNAL_DIRECTIONS[Math.floor(random() * 2)] ?? 'BULLISH';
  const confidence = Math.round(random() * 1000) / 10;
  return {
    signalId: signalIdOf({
      generator: MOCK_SOURCE,
      version: options.seed,
      ticker,
      timeframe: options.timeframe,
      barEnd,
      signalType,
    }),
    signalType,
    source: MOCK_SOURCE,
    occurredAt: barEnd,
    tickers: [{ ticker, signal: direction, confidence, reasoning: `generated from seed ${options.seed}` }],
    // Mock prices have no gaps and no bad rows.
    metadata: { seed: options.seed, timeframe: options.timeframe, data_quality_score: 1 },
    schemaVersion: SIGNAL_SCHEMA_VERSION,
  };
}
