import { randomUUID } from 'node:crypto';

import type { Trigger } from '@tripline/decisions';
import type { Bar } from '@tripline/market';
import type { AgentSettings, Pipeline, Schedule, Signal } from '@tripline/triggers';

const DAY_MS = 86_400_000;
/** 2020-01-02T00:00:00Z. Builders use a fixed event time, so that a test is the same every day. */
export const BUILDER_TIME = Date.UTC(2020, 0, 2);

/** A valid signal: BULLISH golden cross on `^SPX`, confidence 80, fresh id. Override the fields under test. */
export function buildSignal(overrides: Partial<Signal> = {}): Signal {
  return {
    signalId: randomUUID(),
    signalType: 'golden_cross',
    source: 'test',
    occurredAt: BUILDER_TIME,
    tickers: [{ ticker: '^SPX', signal: 'BULLISH', confidence: 80 }],
    metadata: {},
    schemaVersion: 1,
    ...overrides,
  };
}

/** The agents' settings as the contracts schema defaults them. */
export const DEFAULT_AGENT_SETTINGS: AgentSettings = {
  marketData: { lookbackBars: 250 },
  bias: { fastPeriod: 20, slowPeriod: 50 },
  strategy: { atrPeriod: 14, stopAtrMultiple: 2, targetRiskMultiple: 2 },
  riskManager: { riskPerTradePercent: 1, maxPositionPercent: 25, allowShort: true },
};

/** An active signal pipeline on `^SPX` that matches every signal, without cooldown or age limit; fresh ids. */
export function buildPipeline(overrides: Partial<Pipeline> = {}): Pipeline {
  const id = overrides.id ?? randomUUID();
  return {
    id,
    version: 1,
    userId: randomUUID(),
    name: `pipeline ${id.slice(0, 8)}`,
    triggerMode: 'signal',
    isActive: true,
    tickers: ['^SPX'],
    scannerId: null,
    subscriptions: [],
    rule: null,
    overlap: { policy: 'skip', key: 'pipeline', limit: 1, ttlMs: 0 },
    cooldownMs: 0,
    maxSignalAgeMs: 0,
    signalAgeFrom: 'append',
    market: null,
    minQuality: null,
    venue: 'paper',
    schedule: null,
    agents: DEFAULT_AGENT_SETTINGS,
    mode: 'paper',
    ...overrides,
  };
}

/** Every minute, UTC. */
export function buildSchedule(overrides: Partial<Schedule> = {}): Schedule {
  return { cron: '* * * * *', at: null, calendar: null, timeZone: 'UTC', catchUp: 'latest', ...overrides };
}

/** A closed daily bar around 100; `start` moves `end` with it unless that is given, too. */
export function buildBar(overrides: Partial<Bar> = {}): Bar {
  const start = overrides.start ?? BUILDER_TIME;
  return { start, end: start + DAY_MS, open: 100, high: 101, low: 99, close: 100, volume: 1000, ...overrides };
}

/** Daily bars, one per close, each opening at the close before it with a range of one point around both. */
export function buildBars(closes: readonly number[], firstStart: number = BUILDER_TIME): Bar[] {
  return closes.map((close, index) => {
    const open = closes[index - 1] ?? close;
    return buildBar({
      start: firstStart + index * DAY_MS,
      open,
      high: Math.max(open, close) + 0.5,
      low: Math.min(open, close) - 0.5,
      close,
    });
  });
}

/** A signal trigger on `^SPX`, confidence 80, appended at its event time; fresh id. */
export function buildTrigger(overrides: Partial<Trigger> = {}): Trigger {
  const occurredAt = overrides.occurredAt ?? BUILDER_TIME;
  return {
    triggerId: randomUUID(),
    mode: 'signal',
    occurredAt,
    appendedAtMs: occurredAt,
    ticker: '^SPX',
    confidence: 80,
    minConfidence: null,
    quality: null,
    signalType: 'golden_cross',
    source: 'test',
    direction: 'BULLISH',
    firing: null,
    ...overrides,
  };
}
