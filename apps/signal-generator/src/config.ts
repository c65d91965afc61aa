import { tickerSchema, TRADING_SIGNALS_TOPIC } from '@tripline/contracts';
import {
  defaultHistoryFiles,
  GENERATOR_NAMES,
  type GeneratorName,
  parseHistoryFile,
  parseTimeframe,
} from '@tripline/market';
import { kafkaConfigSchema } from '@tripline/messaging';
import {
  commonConfigSchema,
  csvList,
  decimal,
  type Environment,
  integer,
  parseConfig,
  parseConfigParts,
} from '@tripline/runtime';
import { z } from 'zod';

const FEEDS = ['history', 'mock'] as const;

const replaySpeed = z
  .string()
  .default('max')
  .transform((text, context) => {
    if (text === 'max') return 'max' as const;
    const factor = text === 'realtime' ? 1 : Number(text);
    if (Number.isFinite(factor) && factor > 0) return factor;
    context.addIssue({
      code: 'custom',
      message: 'must be max, realtime, or how many times faster than real time, e.g. 86400',
    });
    return z.NEVER;
  });

const timeframe = z
  .string()
  .default('1m')
  .transform((label, context) => {
    try {
      return parseTimeframe(label);
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a timeframe such as 1m, 5m, 1h or 1d' });
      return z.NEVER;
    }
  });

/** Files as `[TICKER=]path`; default: the bundled history. */
const historyFiles = csvList().transform((entries, context) => {
  try {
    return entries.length === 0 ? defaultHistoryFiles() : entries.map(parseHistoryFile);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
});

const generatorSchema = z
  .object({
    KAFKA_TOPIC_SIGNALS: z.string().default(TRADING_SIGNALS_TOPIC.name),
    KAFKA_TOPIC_PARTITIONS: integer(TRADING_SIGNALS_TOPIC.defaultPartitions, { min: 1, max: 1000 }),
    KAFKA_TOPIC_REPLICATION: integer(1, { min: 1, max: 9 }),
    FEEDS: csvList(['history']).pipe(z.array(z.enum(FEEDS)).min(1)),
    GENERATORS: csvList(GENERATOR_NAMES).pipe(z.array(z.enum(GENERATOR_NAMES)).min(1)),
    HISTORY_CSV: historyFiles,
    REPLAY_SPEED: replaySpeed,
    MOCK_SEED: integer(1, { max: 2 ** 31 - 1 }),
    MOCK_RATE_PER_SECOND: decimal(1, { min: 0.001, max: 100_000 }),
    MOCK_COUNT: integer(0),
    MOCK_TICKERS: csvList(['MOCK-01', 'MOCK-02', 'MOCK-03', 'MOCK-04']).pipe(z.array(tickerSchema).min(1)),
    MOCK_START: z.iso.datetime().default('2024-01-01T00:00:00Z'),
    MOCK_TIMEFRAME: timeframe,
    PUBLISH_BATCH: integer(500, { min: 1, max: 10_000 }),
    STATE_DIR: z.string().default('.local/signal-generator'),
  })
  .transform((env) => ({
    topic: env.KAFKA_TOPIC_SIGNALS,
    partitions: env.KAFKA_TOPIC_PARTITIONS,
    replicationFactor: env.KAFKA_TOPIC_REPLICATION,
    feeds: env.FEEDS,
    generators: env.GENERATORS as readonly GeneratorName[],
    history: { files: env.HISTORY_CSV, speed: env.REPLAY_SPEED },
    mock: {
      seed: env.MOCK_SEED,
      ratePerSecond: env.MOCK_RATE_PER_SECOND,
      /** 0 in the environment means unlimited. */
      count: env.MOCK_COUNT === 0 ? Infinity : env.MOCK_COUNT,
      tickers: env.MOCK_TICKERS,
      startMs: Date.parse(env.MOCK_START),
      timeframe: env.MOCK_TIMEFRAME.label,
      timeframeMs: env.MOCK_TIMEFRAME.approximateMs,
    },
    maxBatch: env.PUBLISH_BATCH,
    stateDir: env.STATE_DIR,
  }));

/** Reads only the settings that determine the signals, e.g. to compute the signals again. Throws `ConfigError`. */
export function loadFeedConfig(env: Environment) {
  return parseConfig(generatorSchema, env);
}
export type FeedConfig = ReturnType<typeof loadFeedConfig>;

/** Reads the whole configuration. Throws a `ConfigError` that lists every fault. */
export function loadConfig(env: Environment) {
  return parseConfigParts({ common: commonConfigSchema, kafka: kafkaConfigSchema, generator: generatorSchema }, env);
}
export type GeneratorConfig = ReturnType<typeof loadConfig>;
