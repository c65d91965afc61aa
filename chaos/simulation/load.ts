import type { UserQuota } from '@tripline/decisions';
import { executionIdOf, type OverlapRule, type Pipeline, type Signal, type SignalRule } from '@tripline/triggers';
import { buildPipeline, DEFAULT_AGENT_SETTINGS } from '@tripline/testing';

import { type PlannedRecord, recordOf } from './actors/generator';
import type { Random } from './kernel/random';
import { WORLD_START } from './kernel/world';

const TICKERS = ['MOCK-01', 'MOCK-02', 'MOCK-03', 'MOCK-04'];
const TYPES = ['golden_cross', 'macd_cross'];

export interface Load {
  readonly pipelines: readonly Pipeline[];
  /** By user. */
  readonly quotas: ReadonlyMap<string, UserQuota>;
  readonly plan: readonly PlannedRecord[];
}

/** One signal in this many is private. Counted instead of drawn, which keeps each seed's random values unchanged. */
const PRIVATE_EVERY = 4;

/** A few pipelines, and the records of the first minutes: shared and private signals, repeated signals, poison. */
export function planLoad(random: Random, options: { readonly partitions: number; readonly untilMs: number }): Load {
  const users = [random.uuid(), random.uuid()];
  const quotas = new Map(users.filter(() => random.chance(0.3)).map((user) => [user, planQuota(random)] as const));
  const pipelines = Array.from({ length: random.between(3, 6) }, (_, index) => planPipeline(random, index, users));
  const count = random.between(20, 50);
  const bursts = [1, 2].map(() => random.int(options.untilMs - 100));
  const plan: PlannedRecord[] = [];
  for (let index = 0; index < count; index += 1) {
    const dueMs = random.chance(0.4) ? random.pick(bursts) + random.int(50) : random.int(options.untilMs);
    if (random.chance(0.05)) {
      plan.push({ partition: random.int(options.partitions), dueMs, record: { signal: null, value: poison(random) } });
      continue;
    }
    const owner = index % PRIVATE_EVERY === 0 ? users[(index / PRIVATE_EVERY) % users.length] : undefined;
    const signal = { ...planSignal(random, index, dueMs), owner, publisher: owner };
    const partition = TICKERS.indexOf(signal.tickers[0]?.ticker ?? '') % options.partitions;
    const planned = { partition, dueMs, record: recordOf(signal) };
    plan.push(planned);
    if (random.chance(0.05)) plan.push({ ...planned, dueMs: dueMs + random.int(options.untilMs - dueMs + 1) });
  }
  return { pipelines, quotas, plan: plan.sort((a, b) => a.dueMs - b.dueMs) };
}

function planQuota(random: Random): UserQuota {
  return {
    maxActive: random.chance(0.6) ? random.between(1, 4) : null,
    maxPerMinute: random.chance(0.5) ? random.between(2, 8) : null,
    maxPerDay: random.chance(0.3) ? random.between(3, 15) : null,
  };
}

function planOverlap(random: Random): OverlapRule {
  const policy = random.pick(['skip', 'skip', 'replace', 'queue_latest', 'queue', 'parallel'] as const);
  const limit = policy === 'queue' || policy === 'parallel' ? random.between(1, 3) : 1;
  const waits = policy === 'queue' || policy === 'queue_latest';
  const key = random.pick(['pipeline', 'ticker'] as const);
  return { policy, key, limit, ttlMs: waits && random.chance(0.5) ? random.between(5, 60) * 1_000 : 0 };
}

function planRule(random: Random): SignalRule {
  const conditions = [
    { signalType: 'golden_cross', minConfidence: 0 },
    { signalType: 'macd_cross', minConfidence: 0 },
  ];
  const withinMs = random.between(5, 60) * 1_000;
  const kind = random.pick(['all', 'any', 'n_of', 'sequence', 'absence'] as const);
  if (kind !== 'absence') return { kind, conditions, count: kind === 'any' ? 1 : 2, withinMs, noneOf: [] };
  return { kind, conditions: conditions.slice(0, 1), count: 1, withinMs, noneOf: conditions.slice(1) };
}

function planPipeline(random: Random, index: number, users: readonly string[]): Pipeline {
  const tickers = random.shuffle(TICKERS).slice(0, random.between(1, 3));
  return buildPipeline({
    id: random.uuid(),
    userId: random.pick(users),
    name: `pipeline ${index}`,
    tickers,
    subscriptions: random.chance(0.5) ? [] : [{ signalType: random.pick(TYPES), minConfidence: random.int(60) }],
    rule: random.chance(0.25) ? planRule(random) : null,
    overlap: planOverlap(random),
    cooldownMs: random.chance(0.3) ? random.between(1, 20) * 1_000 : 0,
    maxSignalAgeMs: random.chance(0.2) ? random.between(5, 60) * 1_000 : 0,
    venue: random.chance(0.4) ? 'elsewhere' : 'paper',
    signalAgeFrom: random.pick(['event', 'append']),
    // Short look-back windows: the agents are not under test here.
    agents: {
      ...DEFAULT_AGENT_SETTINGS,
      marketData: { lookbackBars: 10 },
      bias: { fastPeriod: 2, slowPeriod: 4 },
      strategy: { ...DEFAULT_AGENT_SETTINGS.strategy, atrPeriod: 4 },
    },
  });
}

function planSignal(random: Random, index: number, dueMs: number): Signal {
  const tickers = random.shuffle(TICKERS).slice(0, random.chance(0.2) ? 2 : 1);
  return {
    // Derived: the same seed and index give the same id.
    signalId: executionIdOf(random.uuid(), String(index)),
    signalType: random.pick(TYPES),
    source: 'simulation',
    occurredAt: WORLD_START + dueMs - random.int(2_000),
    tickers: tickers.map((ticker) => ({
      ticker,
      signal: random.pick(['BULLISH', 'BEARISH', 'NEUTRAL'] as const),
      confidence: random.int(101),
    })),
    metadata: {},
    schemaVersion: 1,
  };
}

function poison(random: Random): Buffer | null {
  const kinds = [
    null,
    Buffer.alloc(0),
    Buffer.from('{'),
    Buffer.from([0xff, 0xfe, 0x00]),
    Buffer.from('{"signal_id":1}'),
  ];
  return random.pick(kinds);
}
