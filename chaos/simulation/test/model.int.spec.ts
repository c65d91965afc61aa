import { randomUUID } from 'node:crypto';

import { createDatabase, createDatabaseConfig, type Database } from '@tripline/database';
import { createTestDatabase, type TestDatabase } from '@tripline/migrations';
import { buildPipeline, buildSignal, testInfra, uniqueName } from '@tripline/testing';
import fc from 'fast-check';

import { type Command, commands, Interpreter, type Setting } from './commands';
import { createModelSubject, createPipelines, createRealSubject } from './subject';

const RUNS = 15;
const COMMANDS = 40;
const HOUR_MS = 3_600_000;

let testDatabase: TestDatabase;
let database: Database;
beforeAll(async () => {
  testDatabase = await createTestDatabase(testInfra().databaseUrl);
  database = createDatabase(createDatabaseConfig(testDatabase.url));
  await database.start();
});
afterAll(async () => {
  await database.stop();
  await testDatabase.drop();
});

const overlap = (policy: 'skip' | 'replace' | 'queue' | 'queue_latest' | 'parallel', limit = 1, ttlMs = 0) =>
  ({ policy, key: 'ticker', limit, ttlMs }) as const;

/** Five users with one pipeline each, one per policy; the last may have two unfinished executions. */
async function createSetting(): Promise<Setting & { readonly quotas: Parameters<typeof createModelSubject>[1] }> {
  const startedAt = Date.now();
  const quota = { maxActive: 2, maxPerMinute: null, maxPerDay: null };
  const tickers = ['A', 'B'];
  const pipelines = await createPipelines(database, [
    buildPipeline({ tickers, overlap: overlap('skip'), cooldownMs: 5_000 }),
    buildPipeline({ tickers, overlap: overlap('replace'), maxSignalAgeMs: HOUR_MS, signalAgeFrom: 'event' }),
    buildPipeline({ tickers, overlap: overlap('queue', 2) }),
    buildPipeline({ tickers, overlap: overlap('queue_latest', 1, 1), venue: 'elsewhere' }),
    { ...buildPipeline({ tickers, overlap: overlap('parallel', 2) }), quota },
  ]);
  const signals = Array.from({ length: 12 }, (_, index) =>
    buildSignal({
      occurredAt: startedAt + index * 1_000 - (index % 5 === 4 ? 2 * HOUR_MS : 0),
      tickers: [{ ticker: index % 3 === 0 ? 'B' : 'A', signal: 'BULLISH', confidence: 50 }],
    }),
  );
  const quotas = new Map([[pipelines[4]?.userId ?? '', quota]]);
  const triggerIds = [0, 1, 2, 3].map(() => randomUUID());
  return { topic: uniqueName('model'), pipelines, signals, triggerIds, startedAt, quotas };
}

/** Leftovers of one list of commands must not fill the sweeps of the next. */
const END_ALL = `UPDATE executions SET status = 'cancelled', finished_at = clock_timestamp(), lease_until = NULL
WHERE status IN ('pending', 'running')`;

async function compare(list: readonly Command[]): Promise<void> {
  await database.query({ text: END_ALL });
  const setting = await createSetting();
  const real = new Interpreter(createRealSubject(database, setting.pipelines), setting);
  const model = new Interpreter(createModelSubject(setting.pipelines, setting.quotas), setting);
  for (const [index, command] of list.entries()) {
    const [told, expected] = [await model.run(command), await real.run(command)];
    expect({ index, command, answer: told }).toEqual({ index, command, answer: expected });
    expect({ index, command, ...(await model.state()) }).toEqual({ index, command, ...(await real.state()) });
  }
}

describe('the model of the database', () => {
  it(
    'answers any sequence of commands as PostgreSQL does and ends in the same state',
    async () => {
      const lists = fc.array(commands, { minLength: COMMANDS / 2, maxLength: COMMANDS });
      await fc.assert(fc.asyncProperty(lists, compare), { numRuns: RUNS, seed: 20_261_121, endOnFailure: true });
    },
    10 * 60_000,
  );
});
