import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Database } from '@tripline/database';

import { expectedMockSignalIds } from '../../tools/accounting/expected-signals';
import { readTopic } from '../../tools/accounting/read-topic';
import { seedPipelines } from './seed-pipelines';
import type { SystemOptions, TestSystem } from './system';

const SEED = 7;
export const LOAD_TICKERS = ['MOCK-01', 'MOCK-02', 'MOCK-03', 'MOCK-04', 'MOCK-05', 'MOCK-06', 'MOCK-07', 'MOCK-08'];
const SIGNALS_PER_SECOND = 150;

/**
 * Settings of the services under load. The time-outs that delay the takeover of a killed process' work are at the minimum
 * that the configuration allows, so that a test sees recovery within seconds.
 */
export const LOAD_ENV: NonNullable<SystemOptions['env']> = {
  'signal-generator': {
    FEEDS: 'mock',
    MOCK_SEED: String(SEED),
    MOCK_TICKERS: LOAD_TICKERS.join(','),
    MOCK_RATE_PER_SECOND: String(SIGNALS_PER_SECOND),
  },
  'trigger-dispatcher': {
    KAFKA_SESSION_TIMEOUT: '6s',
    SWEEP_INTERVAL: '500ms',
    SWEEP_NOT_ENQUEUED_AFTER: '2s',
    SWEEP_STALE_JOB_AFTER: '10s',
    DATABASE_RETRY_DEADLINE_MS: '3s',
  },
  // Three seconds: shorter than the outages, to also test giving up on the database.
  worker: { LEASE_DURATION: '8s', MOCK_SEED: String(SEED), DATABASE_RETRY_DEADLINE_MS: '3s' },
};

/** Two pipelines per ticker: one accepts everything, the other is more selective. About 1.5 decisions per signal. */
export async function seedLoadPipelines(database: Database): Promise<void> {
  await seedPipelines(
    database,
    LOAD_TICKERS.flatMap((ticker) => [
      { name: `everything of ${ticker}`, tickers: [ticker] },
      {
        name: `strong crosses of ${ticker}`,
        tickers: [ticker],
        subscriptions: [
          { signalType: 'macd_cross', minConfidence: 30 },
          { signalType: 'golden_cross', minConfidence: 0 },
        ],
        cooldownMs: 5 * 60_000,
      },
    ]),
  );
}

/** Counts of rows that are never deleted, as a measure of the progress of dispatcher and worker. */
export interface Progress {
  readonly decisions: number;
  readonly finished: number;
}

export async function readProgress(database: Database): Promise<Progress> {
  const [row] = await database.query<{ decisions: string; finished: string }>({
    text: `SELECT (SELECT count(*) FROM signal_matches)::text AS decisions,
             (SELECT count(*) FROM executions WHERE finished_at IS NOT NULL)::text AS finished`,
  });
  return { decisions: Number(row?.decisions), finished: Number(row?.finished) };
}

export async function recordsInTopic({ admin, names }: TestSystem): Promise<number> {
  const partitions = await admin.offsets(names.topic);
  return partitions.reduce((sum, { low, high }) => sum + Number(high - low), 0);
}

/** Steps of the mock feed that the generator has recorded as published. */
export function readWatermark({ names }: TestSystem): number {
  const text = readFileSync(join(names.stateDir, 'mock.watermark.json'), 'utf8');
  return (JSON.parse(text) as { stepsDone: number }).stepsDone;
}

/**
 * The ids that the topic must contain: the feed's first N, where N is the number of distinct ids in the topic, or the
 * generator's watermark if that is higher. A missing signal shows up as lost, an unknown id as extra.
 */
export async function expectedLoadIds(system: TestSystem): Promise<string[]> {
  const { signals } = await readTopic(system.admin, system.names.topic);
  const count = Math.max(signals.size, readWatermark(system));
  return expectedMockSignalIds({ seed: SEED, tickers: LOAD_TICKERS, count });
}
