import { isPaperVenue, PAPER_VENUE } from '@tripline/risk';
import type { Pipeline, Signal } from '@tripline/triggers';
import { buildPipeline, buildSignal, testInfra } from '@tripline/testing';
import { randomUUID } from 'node:crypto';

import {
  createDatabase,
  createDatabaseConfig,
  type Database,
  type DatabaseConfig,
  type DatabaseObserver,
  type Row,
} from '@tripline/database';
import type { Viewer } from '@tripline/paging';
import {
  type ChunkRecord,
  createDecisionStore,
  type CreatedExecution,
  type DecisionChunk,
} from '@tripline/decision-store';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { createTestDatabase, type TestDatabase } from '@tripline/migrations';
import { createUserRepository } from '@tripline/user-store';
import { createVenueRepository } from '@tripline/trading-store';

/** A separate database with one trader; `close` drops it. */
export interface Fixture {
  readonly database: Database;
  readonly url: string;
  readonly trader: Viewer;
  addTrader(): Promise<Viewer>;
  addPipeline(overrides?: Partial<Pipeline>, owner?: Viewer): Promise<Pipeline>;
  /** One pending execution, started by a signal that matches its own new pipeline. */
  addExecution(overrides?: Partial<Pipeline>): Promise<CreatedExecution>;
  rows<R extends Row>(sql: string, values?: readonly unknown[]): Promise<readonly R[]>;
  close(): Promise<void>;
}

export async function openFixture(
  observer: DatabaseObserver = {},
  overrides: Partial<Pick<DatabaseConfig, 'planner'>> = {},
): Promise<Fixture> {
  const testDatabase: TestDatabase = await createTestDatabase(testInfra().databaseUrl);
  const config = createDatabaseConfig(testDatabase.url, { retryDeadlineMs: 5_000, ...overrides });
  const database = createDatabase(config, observer);
  await database.start();
  const users = createUserRepository(database);
  const addTrader = async (): Promise<Viewer> => {
    const user = await users.create({ email: `${randomUUID()}@example.test`, passwordHash: 'x' });
    return { userId: user.id, role: 'trader' };
  };
  const trader = await addTrader();
  const fixture: Fixture = {
    database,
    url: testDatabase.url,
    trader,
    addTrader,
    addPipeline: async (overrides = {}, owner = trader) => {
      await openVenue(database, overrides.venue ?? PAPER_VENUE, owner.userId);
      return (await createPipelineRepository(database).create(owner, buildPipeline(overrides))).pipeline;
    },
    addExecution: async (overrides = {}) => {
      const pipeline = await fixture.addPipeline(overrides);
      const { created } = await createDecisionStore(database).decideChunk(
        buildChunk([buildRecord(0n, [pipeline])], { topic: randomUUID() }),
      );
      if (created[0] === undefined) throw new Error('the fixture created no execution');
      return created[0];
    },
    rows: async (sql, values) => database.query({ text: sql }, values),
    close: async () => {
      await database.stop();
      await testDatabase.drop();
    },
  };
  return fixture;
}

/** Creates a venue on first use and grants it to the user. Paper venues need neither. */
export async function openVenue(database: Database, name: string, userId: string): Promise<void> {
  if (isPaperVenue(name)) return;
  const venues = createVenueRepository(database);
  if (!(await venues.list()).some((venue) => venue.name === name)) await venues.create(name, userId);
  await venues.grant(name, userId, userId);
}

/** A record whose signal matched these pipelines on `^SPX`. */
export function buildRecord(
  offset: bigint,
  pipelines: readonly Pipeline[],
  overrides: { signal?: Partial<Signal>; appendedAtMs?: number } = {},
): ChunkRecord {
  const matches = pipelines.map((pipeline) => ({
    pipeline,
    ticker: '^SPX',
    confidence: 80,
    direction: 'BULLISH' as const,
  }));
  return {
    offset,
    appendedAtMs: overrides.appendedAtMs ?? Date.now(),
    signal: buildSignal(overrides.signal),
    matches,
    traceparent: '00-11111111111111111111111111111111-2222222222222222-01',
  };
}

/** A chunk of partition 0 whose `nextOffset` follows its last record. */
export function buildChunk(records: readonly ChunkRecord[], overrides: Partial<DecisionChunk> = {}): DecisionChunk {
  const dead = overrides.deadSignals ?? [];
  const last = [...records, ...dead].reduce((most, { offset }) => (offset > most ? offset : most), -1n);
  return { topic: 'test', partition: 0, records, deadSignals: dead, nextOffset: last + 1n, ...overrides };
}
