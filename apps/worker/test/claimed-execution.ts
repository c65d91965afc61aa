import type { ClaimedExecution } from '@tripline/execution-store';
import { BUILDER_TIME, buildBars, buildPipeline, buildSignal } from '@tripline/testing';

import { createBarSource } from '../src/market-data/bar-source';

const DAY_MS = 86_400_000;

/** 300 rising daily bars before the builders' time, and one bar after it, where orders fill. */
export const RISING_BARS = buildBars(
  Array.from({ length: 301 }, (_, n) => 100 + n * 0.5),
  BUILDER_TIME - 300 * DAY_MS,
);

export const MOCK_MARKET = { seed: 1, startMs: Date.UTC(2024, 0, 1), timeframeMs: 60_000 };

export const risingSource = createBarSource(
  [{ ticker: '^SPX', timeframe: '1d', bars: RISING_BARS, rejected: [] }],
  MOCK_MARKET,
);

/** A first attempt at an execution that a bullish signal on `^SPX` started; the account holds no position yet. */
export function buildClaimedExecution(overrides: Partial<ClaimedExecution> = {}): ClaimedExecution {
  const signal = buildSignal({ occurredAt: BUILDER_TIME });
  const pipeline = buildPipeline();
  return {
    executionId: '7b0e5f9e-6a51-5d53-9a52-0a3c1a5d1e01',
    leaseToken: 1,
    pipelineId: pipeline.id,
    userId: pipeline.userId,
    triggerMode: 'signal',
    ticker: '^SPX',
    direction: 'BULLISH',
    occurredAt: BUILDER_TIME,
    appendedAt: BUILDER_TIME,
    attempt: 1,
    maxAttempts: 5,
    generation: 1,
    createdAt: BUILDER_TIME,
    leaseUntil: BUILDER_TIME + 30_000,
    deadlineAt: BUILDER_TIME + 600_000,
    freshUntil: null,
    traceparent: null,
    pipeline,
    signal,
    steps: [],
    intent: null,
    account: { initialCash: '100000', cash: '100000', version: 0 },
    positions: [],
    ...overrides,
  };
}
