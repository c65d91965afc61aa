import { buildPipeline, buildSchedule, eventually } from '@tripline/testing';
import { randomUUID } from 'node:crypto';

import { DuplicateError, InvalidCursorError, Prisma, ReferencedError, VersionConflictError } from '@tripline/database';
import type { Viewer } from '@tripline/paging';
import { createDecisionRepository } from '../src/decisions/decision-repository';
import { createDecisionStore } from '../src/decisions/decision-store';
import { createExecutionRepository, createExecutionStore, createStatsRepository } from '@tripline/execution-store';
import { createWhyRepository } from '../src/near-misses/why-repository';
import { createOrderRepository } from '@tripline/trading-store';
import {
  changePipeline,
  createPipelineRepository,
  createScannerRepository,
  createScheduleStore,
  listenForPipelineChanges,
} from '@tripline/pipeline-store';
import { createSignalRepository } from '../src/signals/signal-repository';
import { createUserRepository } from '@tripline/user-store';
import { buildChunk, buildRecord, claimedRuns, type Fixture, openFixture, orderEnding } from '@tripline/store-fixture';

let fixture: Fixture;
let other: Viewer;
const admin: Viewer = { userId: randomUUID(), role: 'admin' };
beforeAll(async () => {
  fixture = await openFixture();
  other = await fixture.addTrader();
});
afterAll(async () => fixture.close());

const pipelines = () => createPipelineRepository(fixture.database);
const scanners = () => createScannerRepository(fixture.database);

describe('the Prisma schema', () => {
  it.each(Object.values(Prisma.ModelName))('contains only columns that table %s has', async (model) => {
    const delegate = Reflect.get(fixture.database.prisma, `${model.charAt(0).toLowerCase()}${model.slice(1)}`) as {
      findFirst(): Promise<unknown>;
    };
    await expect(delegate.findFirst()).resolves.toBeDefined();
  });
});

describe('users', () => {
  it('are found by e-mail in any case, created once, and changed by id', async () => {
    const users = createUserRepository(fixture.database);
    const created = await users.create({ email: 'Ada@Example.test', passwordHash: 'h1' });
    expect(created).toMatchObject({ email: 'ada@example.test', role: 'trader', isActive: true });
    await expect(users.create({ email: 'ADA@example.test', passwordHash: 'h2' })).rejects.toBeInstanceOf(
      DuplicateError,
    );
    expect(await users.ensure({ email: 'ada@example.test', passwordHash: 'h3' })).toEqual(created);
    expect(await users.findCredentials('aDa@example.test')).toEqual({ ...created, passwordHash: 'h1' });
    const changes = { role: 'admin', isActive: false, passwordHash: 'h4' } as const;
    expect(await users.update(created.id, changes)).toMatchObject({ role: 'admin', isActive: false });
    expect(await users.update(randomUUID(), changes)).toBeNull();
    expect(await users.update(created.id, {})).toMatchObject({ role: 'admin', isActive: false });
    // One value violates a constraint of the table: none of the others is stored.
    const broken = { role: 'owner' as never, isActive: true, passwordHash: 'h5' };
    await expect(users.update(created.id, broken)).rejects.toThrow();
    const raced = await Promise.all(
      [1, 2, 3].map(async () => users.ensure({ email: 'root@x.test', passwordHash: 'h' })),
    );
    expect(new Set(raced.map((user) => user.id)).size).toBe(1);
  });
});

describe('pipelines', () => {
  it('get a new version with every change only', async () => {
    const created = await pipelines().create(fixture.trader, buildPipeline({ cooldownMs: 1_000 }));
    const { id } = created.pipeline;
    expect(created.pipeline).toMatchObject({ version: 1, userId: fixture.trader.userId, cooldownMs: 1_000 });
    const changed = await pipelines().update(fixture.trader, id, { ...created.pipeline, cooldownMs: 2_000 }, 1);
    expect(changed?.pipeline).toMatchObject({ version: 2, cooldownMs: 2_000 });
    expect((await pipelines().setActive(fixture.trader, id, true))?.pipeline.version).toBe(2);
    expect((await pipelines().setActive(fixture.trader, id, false, 2))?.pipeline).toMatchObject({
      version: 3,
      isActive: false,
    });
    await expect(pipelines().update(fixture.trader, id, created.pipeline, 1)).rejects.toBeInstanceOf(
      VersionConflictError,
    );
    const versions = await pipelines().listVersions(fixture.trader, id);
    expect(versions.map((row) => [row.version, row.pipeline.cooldownMs])).toEqual([
      [3, 2_000],
      [2, 2_000],
      [1, 1_000],
    ]);
  });

  it('accept one of ten concurrent changes based on one version', async () => {
    const { pipeline } = await pipelines().create(fixture.trader, buildPipeline());
    const changes = await Promise.allSettled(
      Array.from({ length: 10 }, async (_, n) =>
        pipelines().update(fixture.trader, pipeline.id, { ...pipeline, cooldownMs: n }, 1),
      ),
    );
    expect(changes.filter((change) => change.status === 'fulfilled')).toHaveLength(1);
  });

  it('are visible to and changed by their owner and administrators only', async () => {
    const { pipeline } = await pipelines().create(fixture.trader, buildPipeline());
    expect(await pipelines().find(other, pipeline.id)).toBeNull();
    expect(await pipelines().update(other, pipeline.id, pipeline)).toBeNull();
    expect(await pipelines().setActive(other, pipeline.id, false)).toBeNull();
    expect(await pipelines().remove(other, pipeline.id)).toBe(false);
    expect(await pipelines().listVersions(other, pipeline.id)).toEqual([]);
    expect((await pipelines().list(other)).items).toEqual([]);
    expect((await pipelines().find(admin, pipeline.id))?.pipeline.id).toBe(pipeline.id);
  });

  it('reserve their name until they are removed', async () => {
    const { pipeline } = await pipelines().create(fixture.trader, buildPipeline({ name: 'unique' }));
    const again = async () => pipelines().create(fixture.trader, buildPipeline({ name: 'unique' }));
    await expect(again()).rejects.toBeInstanceOf(DuplicateError);
    expect(await pipelines().remove(fixture.trader, pipeline.id)).toBe(true);
    expect((await again()).pipeline.name).toBe('unique');
    expect((await pipelines().loadByIds([pipeline.id])).length).toBe(0);
    expect((await pipelines().loadActive()).map((row) => row.id)).not.toContain(pipeline.id);
  });

  it('are paged without repeating or skipping one', async () => {
    const owner = await fixture.addTrader();
    const ids = new Set<string>();
    for (let n = 0; n < 7; n += 1) ids.add((await fixture.addPipeline({}, owner)).id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<ReturnType<typeof pipelines>['list']>> = await pipelines().list(owner, {
        limit: 3,
        cursor,
      });
      seen.push(...page.items.map((row) => row.pipeline.id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(7);
    expect(new Set(seen)).toEqual(ids);
    for (const bad of [
      'x',
      Buffer.from('["2020-01-01","x"]').toString('base64url'),
      Buffer.from('[1]').toString('base64url'),
    ]) {
      await expect(pipelines().list(owner, { cursor: bad })).rejects.toBeInstanceOf(InvalidCursorError);
    }
  });
});

describe('scanners', () => {
  it('pass their tickers to their pipelines, as new versions when they change', async () => {
    const scanner = await scanners().create(fixture.trader, { name: 'tech', tickers: ['MSFT'] });
    const { pipeline } = await pipelines().create(
      fixture.trader,
      buildPipeline({ scannerId: scanner.id, tickers: ['X'] }),
    );
    expect(pipeline.tickers).toEqual(['MSFT']);
    const input = { name: 'tech', tickers: ['MSFT', 'AAPL'] };
    expect(await scanners().update(fixture.trader, scanner.id, input, 1)).toMatchObject({ version: 2 });
    const renewed = await pipelines().find(fixture.trader, pipeline.id);
    expect(renewed?.pipeline).toMatchObject({ version: 2, tickers: ['MSFT', 'AAPL'] });
    await scanners().update(fixture.trader, scanner.id, { ...input, name: 'renamed' });
    expect((await pipelines().find(fixture.trader, pipeline.id))?.pipeline.version).toBe(2);
    await expect(scanners().update(fixture.trader, scanner.id, input, 1)).rejects.toBeInstanceOf(VersionConflictError);
    await expect(scanners().remove(fixture.trader, scanner.id)).rejects.toBeInstanceOf(ReferencedError);
  });

  it('update pipelines that are changed concurrently', async () => {
    const scanner = await scanners().create(fixture.trader, { name: 'busy', tickers: ['A'] });
    const { pipeline } = await pipelines().create(fixture.trader, buildPipeline({ scannerId: scanner.id }));
    await Promise.all([
      ...[1, 2, 3, 4, 5].map(async (n) =>
        pipelines().update(fixture.trader, pipeline.id, { ...pipeline, cooldownMs: n }),
      ),
      scanners().update(fixture.trader, scanner.id, { name: 'busy', tickers: ['B'] }),
    ]);
    expect((await pipelines().find(fixture.trader, pipeline.id))?.pipeline.tickers).toEqual(['B']);
    expect(await pipelines().listVersions(fixture.trader, pipeline.id)).toHaveLength(7);
  });

  it('wait for a pipeline that is being changed and build on its new version', async () => {
    const scanner = await scanners().create(fixture.trader, { name: 'held', tickers: ['A'] });
    const { pipeline } = await pipelines().create(fixture.trader, buildPipeline({ scannerId: scanner.id }));
    const waiting = async () =>
      (
        await fixture.rows(
          "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
      ).length === 1;
    const { promise: changed, resolve: tellChanged } = Promise.withResolvers<void>();
    const holder = fixture.database.withTransaction(async (transaction) => {
      await changePipeline(transaction, fixture.trader, pipeline.id, { isActive: false }, undefined);
      tellChanged();
      await eventually(waiting);
    });
    await changed;
    await scanners().update(fixture.trader, scanner.id, { name: 'held', tickers: ['B'] });
    await holder;
    expect((await pipelines().find(fixture.trader, pipeline.id))?.pipeline).toMatchObject({
      version: 3,
      isActive: false,
      tickers: ['B'],
    });
  });

  it('belong to their owner', async () => {
    const scanner = await scanners().create(fixture.trader, { name: 'mine', tickers: ['MSFT'] });
    await expect(scanners().create(fixture.trader, { name: 'mine', tickers: ['A'] })).rejects.toBeInstanceOf(
      DuplicateError,
    );
    expect(await scanners().find(other, scanner.id)).toBeNull();
    expect(await scanners().update(other, scanner.id, { name: 'x', tickers: ['A'] })).toBeNull();
    expect(await scanners().remove(other, scanner.id)).toBe(false);
    expect(await scanners().list(other)).toEqual([]);
    await expect(pipelines().create(other, buildPipeline({ scannerId: scanner.id }))).rejects.toBeInstanceOf(
      ReferencedError,
    );
    expect(await scanners().remove(fixture.trader, scanner.id)).toBe(true);
  });
});

describe('the input of the match index', () => {
  it('lists active signal pipelines page by page in order, and reports those that are no longer active', async () => {
    const made = [await fixture.addPipeline(), await fixture.addPipeline(), await fixture.addPipeline()];
    const off = await fixture.addPipeline({ isActive: false });
    const periodic = await fixture.addPipeline({ triggerMode: 'periodic', schedule: buildSchedule() });
    await pipelines().setActive(fixture.trader, made[0]?.id ?? '', false);
    await pipelines().setActive(fixture.trader, made[0]?.id ?? '', true);
    const listed: { id: string; version: number }[] = [];
    for (let after: string | null = null; ; after = listed.at(-1)?.id ?? null) {
      const page = await pipelines().listActiveVersions(after, 2);
      listed.push(...page);
      if (page.length < 2) break;
    }
    expect(listed.map(({ id }) => id)).toEqual(listed.map(({ id }) => id).sort());
    expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
    expect(listed).toEqual(expect.arrayContaining([{ id: made[0]?.id, version: 3 }]));
    expect(listed).toEqual(expect.arrayContaining(made.slice(1).map(({ id }) => ({ id, version: 1 }))));
    expect(listed.map(({ id }) => id)).not.toContain(off.id);
    const unknown = randomUUID();
    const asked = [made[1]?.id ?? '', off.id, periodic.id, unknown];
    expect((await pipelines().findInactive(asked)).toSorted()).toEqual([off.id, periodic.id, unknown].sort());
  });
});

describe('change notification', () => {
  it('reports every change, and requests a full reload after a lost connection', async () => {
    const seen: (string | null)[] = [];
    const listener = listenForPipelineChanges(fixture.database, (id) => seen.push(id));
    await listener.start();
    const { pipeline } = await pipelines().create(fixture.trader, buildPipeline());
    await pipelines().setActive(fixture.trader, pipeline.id, false);
    await eventually(() => expect(seen).toEqual([null, pipeline.id, pipeline.id]));
    await fixture.rows(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()",
    );
    await eventually(() => expect(seen).toEqual([null, pipeline.id, pipeline.id, null]));
    await pipelines().remove(fixture.trader, pipeline.id);
    await eventually(() => expect(seen.at(-1)).toBe(pipeline.id));
    await listener.stop();
    await listener.stop();
  });
});

describe('schedules', () => {
  it('are due when never planned or past, and advance once', async () => {
    const periodic = { triggerMode: 'periodic', schedule: buildSchedule() } as const;
    const { pipeline } = await pipelines().create(fixture.trader, buildPipeline(periodic));
    const schedules = createScheduleStore(fixture.database);
    const due = async () => {
      const { nowMs, schedules: found } = await schedules.loadDue(100);
      expect(Math.abs(nowMs - Date.now())).toBeLessThan(5_000);
      return found.filter((row) => row.pipeline.id === pipeline.id);
    };
    const unplanned = { pipeline, dueAt: null };
    expect(await due()).toMatchObject([{ dueAt: null }]);
    const past = Date.now() - 1_000;
    expect(await schedules.advance([{ seen: unplanned, to: past }])).toBe(1);
    expect(await schedules.advance([{ seen: unplanned, to: past }])).toBe(0);
    expect(await due()).toMatchObject([{ dueAt: past }]);
    const seen = { pipeline, dueAt: past };
    expect(await schedules.advance([{ seen, to: Date.now() + 60_000 }])).toBe(1);
    expect((await schedules.loadDue(100)).schedules.filter((row) => row.pipeline.id === pipeline.id)).toEqual([]);
    const changed = { ...pipeline, schedule: buildSchedule({ cron: '5 * * * *' }) };
    await pipelines().update(fixture.trader, pipeline.id, changed);
    expect(await due()).toMatchObject([{ dueAt: null }]);
    // Planned by the previous schedule: nothing advances.
    expect(await schedules.advance([{ seen: unplanned, to: past }])).toBe(0);
  });
});

describe('the history of a user', () => {
  it('is listed for its owner only, newest first, with filters', async () => {
    const owner = await fixture.addTrader();
    const pipeline = await fixture.addPipeline({}, owner);
    const records = [0n, 1n, 2n].map((offset) => buildRecord(offset, [pipeline]));
    const topic = randomUUID();
    const { created } = await createDecisionStore(fixture.database).decideChunk(buildChunk(records, { topic }));
    const decisions = createDecisionRepository(fixture.database);
    const page = await decisions.list(owner, { pipelineId: pipeline.id, limit: 2 });
    expect(page.items).toHaveLength(2);
    const rest = await decisions.list(owner, { pipelineId: pipeline.id, cursor: page.nextCursor });
    expect([...page.items, ...rest.items].map((row) => row.outcome).sort()).toEqual([
      'SKIPPED_ACTIVE',
      'SKIPPED_ACTIVE',
      'TRIGGERED',
    ]);
    expect(await decisions.countByOutcome(owner)).toEqual({ TRIGGERED: 1, SKIPPED_ACTIVE: 2 });
    expect((await decisions.list(owner, { outcomes: ['TRIGGERED'], from: 0 })).items).toMatchObject([
      { executionId: created[0]?.executionId },
    ]);
    expect((await decisions.list(owner, { to: 1 })).items).toEqual([]);
    expect((await decisions.list(other, { pipelineId: pipeline.id })).items).toEqual([]);
    expect((await decisions.list(admin, { pipelineId: pipeline.id })).items).toHaveLength(3);

    const executions = createExecutionRepository(fixture.database);
    const id = created[0]?.executionId ?? '';
    expect((await executions.list(owner, { statuses: ['pending'] })).items).toMatchObject([
      { executionId: id, pipelineName: pipeline.name },
    ]);
    expect(await executions.find(other, id)).toBeNull();
    expect(await executions.find(owner, id)).toMatchObject({ status: 'pending', steps: [], orders: [] });
    const orders = createOrderRepository(fixture.database);
    expect((await orders.list(owner)).items).toEqual([]);
    expect(await orders.findAccount(other, pipeline.id)).toBeNull();
    expect(await orders.findAccount(owner, pipeline.id)).toMatchObject({ cash: '100000' });

    const signals = createSignalRepository(fixture.database);
    expect(
      (await signals.list(owner, { ticker: '^SPX', signalType: 'golden_cross', limit: 1 })).nextCursor,
    ).not.toBeNull();
    expect((await signals.list(owner, { ticker: 'NONE' })).items).toEqual([]);
  });
});

describe('statistics', () => {
  it('count pipelines, users and executions', async () => {
    const stats = createStatsRepository(fixture.database);
    const { executionId } = await fixture.addExecution();
    const system = await stats.loadSystemStats();
    expect(system.executionsPending).toBeGreaterThanOrEqual(1);
    expect(system.executionsToday).toBeGreaterThanOrEqual(1);
    expect(system.activePipelines).toBeLessThan(system.totalPipelines);
    expect(system.successRate24hPercent).toBe(100);
    await fixture.rows("UPDATE executions SET status = 'failed', finished_at = now() WHERE id = $1", [executionId]);
    expect((await stats.loadSystemStats()).successRate24hPercent).toBe(0);
    const totals = await stats.loadRunTotals();
    expect(totals.executions.byStatus).toMatchObject({ failed: 1, running: 0 });
    expect(totals.signalsByType).toMatchObject({ golden_cross: expect.any(Number) as number });
    expect(totals).toMatchObject({ orders: 0, realisedPnl: '0', fees: '0' });
  });
});

describe('lists', () => {
  it('return orders, executions and decisions with the same columns as single reads', async () => {
    const [run] = await claimedRuns(fixture, 1, { venue: 'listed' });
    await createExecutionStore(fixture.database).finishWithOrder({ ...orderEnding(run!), isChecked: false });
    const orders = createOrderRepository(fixture.database);
    const { items } = await orders.list(fixture.trader, { pipelineId: run!.pipelineId });
    expect(items).toMatchObject([{ venue: 'listed' }]);
    const { fills, ...order } = (await orders.find(fixture.trader, items[0]!.clientOrderId))!;
    expect(fills).toHaveLength(1);
    expect(items).toEqual([order]);
    const executions = createExecutionRepository(fixture.database);
    const listed = await executions.list(fixture.trader, { pipelineId: run!.pipelineId });
    const detail = (await executions.find(fixture.trader, run!.executionId))!;
    expect(detail).toMatchObject(listed.items[0]!);
    // The fields of the order are the same inside its execution.
    expect(detail.orders).toEqual([order]);
    const decisions = await createDecisionRepository(fixture.database).list(fixture.trader, {
      pipelineId: run!.pipelineId,
    });
    const why = await createWhyRepository(fixture.database).explain(fixture.trader, run!.pipelineId);
    expect(why.items).toMatchObject(decisions.items);
    const rows = [...items, ...listed.items, ...decisions.items, ...why.items];
    expect(rows.flatMap((row) => Object.entries(row).filter(([, value]) => value === undefined))).toEqual([]);
  });
});
