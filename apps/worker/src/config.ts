import { hostname } from 'node:os';

import { venueNameSchema } from '@tripline/contracts';
import { defaultHistoryFiles, parseHistoryFile } from '@tripline/market';
import { isPaperVenue } from '@tripline/risk';
import { DEFAULT_FEE_MODEL } from '@tripline/trading';
import { databaseConfigSchema } from '@tripline/database';
import { redisConfigSchema } from '@tripline/queue';
import {
  commonConfigSchema,
  csvList,
  decimal,
  durationMs,
  type Environment,
  integer,
  parseConfigParts,
  secret,
} from '@tripline/runtime';
import { z } from 'zod';

import { mockTimeframeMs } from './market-data/mock-timeframe';

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

const workerSchema = z
  .object({
    WORKER_CONCURRENCY: integer(100, { min: 1, max: 1000 }),
    WORKER_NAME: z.string().min(1).max(100).default(`${hostname()}:${process.pid}`),
    LEASE_DURATION: durationMs(9_000, { minMs: 5_000, maxMs: 600_000 }),
    LEASE_RENEW_INTERVAL: durationMs(2_000, { minMs: 200, maxMs: 60_000 }),
    RESTING_ORDER_INTERVAL: durationMs(5_000, { minMs: 100 }),
    PIPELINE_METRIC_LABEL_LIMIT: integer(200, { max: 10_000 }),
    HISTORY_CSV: historyFiles,
    MOCK_SEED: integer(1, { max: 2 ** 31 - 1 }),
    MOCK_START: z.iso.datetime().default('2024-01-01T00:00:00Z'),
    MOCK_TIMEFRAME: mockTimeframeMs,
    BROKER_URL: z
      .string()
      .refine((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), 'must be http(s)://host')
      .optional(),
    BROKER_TOKEN: secret().optional(),
    BROKER_VENUES: csvList(),
    BROKER_TIMEOUT: durationMs(3_000, { minMs: 100, maxMs: 10_000 }),
    PAPER_SLIPPAGE_BPS: decimal(DEFAULT_FEE_MODEL.slippageBps, { max: 1000 }),
    PAPER_HALF_SPREAD_BPS: decimal(DEFAULT_FEE_MODEL.halfSpreadBps, { max: 1000 }),
    PAPER_FEE_BPS: decimal(DEFAULT_FEE_MODEL.feeBps, { max: 1000 }),
    PAPER_MIN_FEE: decimal(Number(DEFAULT_FEE_MODEL.minFee), { max: 1000 }),
  })
  .refine((env) => env.LEASE_RENEW_INTERVAL * 2 <= env.LEASE_DURATION, {
    path: ['LEASE_RENEW_INTERVAL'],
    message: 'must be at most half of LEASE_DURATION, so that the lease survives one failed renewal',
  })
  .refine((env) => env.BROKER_TIMEOUT * 2 <= env.LEASE_DURATION, {
    path: ['BROKER_TIMEOUT'],
    message: 'must be at most half of LEASE_DURATION: an order is sent only if the lease outlasts the answer',
  })
  .refine((env) => env.BROKER_URL === undefined || env.BROKER_VENUES.length > 0, {
    path: ['BROKER_VENUES'],
    message: 'is required with BROKER_URL: name the venues this broker serves',
  })
  .refine(
    (env) => env.BROKER_VENUES.every((venue) => venueNameSchema.safeParse(venue).success && !isPaperVenue(venue)),
    {
      path: ['BROKER_VENUES'],
      message: 'must be venue names other than paper and paper-…',
    },
  )
  .transform((env) => ({
    concurrency: env.WORKER_CONCURRENCY,
    name: env.WORKER_NAME,
    leaseMs: env.LEASE_DURATION,
    renewEveryMs: env.LEASE_RENEW_INTERVAL,
    restingOrderIntervalMs: env.RESTING_ORDER_INTERVAL,
    broker:
      env.BROKER_URL === undefined
        ? null
        : {
            url: env.BROKER_URL,
            token: env.BROKER_TOKEN?.reveal(),
            timeoutMs: env.BROKER_TIMEOUT,
            venues: env.BROKER_VENUES,
          },
    pipelineLabelLimit: env.PIPELINE_METRIC_LABEL_LIMIT,
    historyFiles: env.HISTORY_CSV,
    mock: { seed: env.MOCK_SEED, startMs: Date.parse(env.MOCK_START), timeframeMs: env.MOCK_TIMEFRAME },
    feeModel: {
      slippageBps: env.PAPER_SLIPPAGE_BPS,
      halfSpreadBps: env.PAPER_HALF_SPREAD_BPS,
      feeBps: env.PAPER_FEE_BPS,
      minFee: String(env.PAPER_MIN_FEE),
    },
  }));

/** Reads the whole configuration. Throws a `ConfigError` that lists every fault. */
export function loadConfig(env: Environment) {
  return parseConfigParts(
    { common: commonConfigSchema, redis: redisConfigSchema, database: databaseConfigSchema, worker: workerSchema },
    env,
  );
}
export type WorkerConfig = ReturnType<typeof loadConfig>;
