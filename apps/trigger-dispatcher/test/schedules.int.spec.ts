import { randomUUID } from 'node:crypto';

import type { CatchUpPolicy } from '@tripline/triggers';
import { createDatabase, createDatabaseConfig, type Database } from '@tripline/database';
import { createDecisionRepository, createDecisionStore } from '@tripline/decision-store';
import { createTestDatabase, type TestDatabase } from '@tripline/migrations';
import type { Viewer } from '@tripline/paging';
import { createPipelineRepository, createScheduleStore } from '@tripline/pipeline-store';
import { createUserRepository } from '@tripline/user-store';
import { buildPipeline, buildSchedule, eventually, testInfra } from '@tripline/testing';

import { createScheduler } from '../src/schedules/scheduler';

const HOUR_MS = 3_600_000;

describe('several dispatchers at once', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let viewer: Viewer;
  beforeAll(async () => {
    testDatabase = await createTestDatabase(testInfra().databaseUrl);
    database = createDatabase(createDatabaseConfig(testDatabase.url));
    await database.start();
    const user = await createUserRepository(database).create({
      email: `${randomUUID()}@example.test`,
      passwordHash: 'x',
    });
    viewer = { userId: user.id, role: 'trader' };
  });
  afterAll(async () => {
    await database.stop();
    await testDatabase.drop();
  });

  /** An hourly pipeline that was last due `hoursAgo` full hours ago and has not been started since. */
  async function overdue(hoursAgo: number, catchUp: CatchUpPolicy): Promise<{ id: string; firstDueAt: number }> {
    const firstDueAt = (Math.floor(Date.now() / HOUR_MS) - hoursAgo) * HOUR_MS;
    const definition = buildPipeline({
      name: randomUUID(),
      triggerMode: 'periodic',
      schedule: buildSchedule({ cron: '0 * * * *', catchUp }),
      overlap: { policy: 'queue', key: 'pipeline', limit: 50, ttlMs: 0 },
    });
    const { pipeline } = await createPipelineRepository(database).create(viewer, definition);
    await createScheduleStore(database).advance([{ seen: { pipeline, dueAt: null }, to: firstDueAt }]);
    return { id: pipeline.id, firstDueAt };
  }

  async function runSchedulers(count: number, until: () => Promise<void>): Promise<void> {
    const decisions = createDecisionStore(database);
    const failures: unknown[] = [];
    const schedulers = Array.from({ length: count }, () =>
      createScheduler({
        store: createScheduleStore(database),
        dispatch: async (triggers) => void (await decisions.decideTriggers(triggers)),
        intervalMs: 5,
        onFailed: (error) => failures.push(error),
      }),
    );
    await Promise.all(schedulers.map((scheduler) => scheduler.start()));
    await eventually(until, { timeoutMs: 20_000 });
    await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
    expect(failures).toEqual([]);
  }

  const decisionLogOf = async (pipelineId: string) => {
    const { items } = await createDecisionRepository(database).list(viewer, { pipelineId, limit: 100 });
    // Decided in the same instant, so the decision log orders them by random id.
    return items
      .map(({ outcome, reason, occurredAt, detail }) => ({ outcome, reason, occurredAt, detail }))
      .sort((a, b) => Number(b.reason === 'schedule_missed') - Number(a.reason === 'schedule_missed'));
  };
  const isMovedOn = async (id: string): Promise<void> => {
    const record = await createPipelineRepository(database).find(viewer, id);
    expect(record?.nextRunAt ?? 0).toBeGreaterThan(Date.now());
  };

  it("start each due execution once and handle missed ones by the pipeline's policy", async () => {
    const [skip, latest, all] = [await overdue(5, 'skip'), await overdue(5, 'latest'), await overdue(5, 'all')];
    await runSchedulers(4, async () => {
      for (const { id } of [skip, latest, all]) await isMovedOn(id);
    });
    // In the first minute of an hour the newest run is on time, and `skip` starts it.
    const skipped = await decisionLogOf(skip.id);
    const missed = skipped.find(({ reason }) => reason === 'schedule_missed');
    expect(missed?.detail).toMatchObject({ first_due_at: skip.firstDueAt, catch_up: 'skip' });
    expect(Number(missed?.detail['missed_runs']) + skipped.length - 1).toBe(6);
    expect(await decisionLogOf(latest.id)).toMatchObject([
      { outcome: 'EXPIRED', reason: 'schedule_missed', detail: { missed_runs: 5 } },
      { outcome: 'TRIGGERED', occurredAt: latest.firstDueAt + 5 * HOUR_MS },
    ]);
    const caughtUp = await decisionLogOf(all.id);
    expect(caughtUp.map(({ outcome }) => outcome)).toEqual(Array(6).fill('TRIGGERED'));
    expect(new Set(caughtUp.map(({ occurredAt }) => occurredAt)).size).toBe(6);
  });

  it('plan a new schedule from the current database time on', async () => {
    const definition = buildPipeline({
      name: randomUUID(),
      triggerMode: 'periodic',
      schedule: buildSchedule({ cron: null, at: 'close-10m', calendar: '24x7' }),
    });
    const { pipeline } = await createPipelineRepository(database).create(viewer, definition);
    await runSchedulers(3, () => isMovedOn(pipeline.id));
    const record = await createPipelineRepository(database).find(viewer, pipeline.id);
    expect(new Date(record?.nextRunAt ?? 0).toISOString()).toMatch(/T23:50:00\.000Z$/);
    expect(await decisionLogOf(pipeline.id)).toEqual([]);
  });
});
