import type { UserQuota } from '@tripline/decisions';
import { isPaperVenue } from '@tripline/risk';
import type { Pipeline } from '@tripline/triggers';
import type { Database } from '@tripline/database';
import { createDecisionStore } from '@tripline/decision-store';
import { createExecutionStore, createSweepStore } from '@tripline/execution-store';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { createHaltStore, createIntentStore, createVenueRepository } from '@tripline/trading-store';
import { createUserRepository } from '@tripline/user-store';
import { uniqueName } from '@tripline/testing';

import { CALM } from '../faults';
import { Server } from '../kernel/server';
import { SimProcess } from '../kernel/sim-process';
import { withVirtualTimers } from '../kernel/virtual-timers';
import { World } from '../kernel/world';
import { Postgres, type Stores } from '../model/postgres';

/** A database for the commands: the real one or its model. */
export interface Subject extends Pick<Stores, 'decisions' | 'executions' | 'sweeps' | 'intents'> {
  /** Runs one command after a short delay. */
  call<T>(work: () => Promise<T>): Promise<T>;
  setActive(pipelineId: string, isActive: boolean): Promise<void>;
  setHalted(pipelineId: string, mode: 'pause' | 'reduce_only' | null): Promise<void>;
  /** Grants the pipeline's venue to its owner, or revokes the grant; paper venues are left alone. */
  setGranted(pipelineId: string, isGranted: boolean): Promise<void>;
  /** The stored state of these pipelines, in a form both sides share. */
  state(pipelineIds: readonly string[]): Promise<Readonly<Record<string, unknown>>>;
}

const PAPER = { venue: 'paper', userId: '' };

/** Creates users and pipelines in the real database; the model gets the same. */
export async function createPipelines(
  database: Database,
  definitions: readonly (Omit<Pipeline, 'id' | 'userId' | 'version'> & { readonly quota?: UserQuota })[],
): Promise<Pipeline[]> {
  const pipelines: Pipeline[] = [];
  for (const { quota, ...definition } of definitions) {
    const email = `${uniqueName('model').replaceAll('_', '-')}@example.test`;
    const user = await createUserRepository(database).ensure({ email, passwordHash: 'x' });
    const viewer = { userId: user.id, role: 'trader' as const };
    await openVenue(database, definition.venue, user.id);
    pipelines.push((await createPipelineRepository(database).create(viewer, definition)).pipeline);
    if (quota === undefined) continue;
    await database.query(
      { text: 'INSERT INTO user_quotas (user_id, max_active, max_per_minute, max_per_day) VALUES ($1, $2, $3, $4)' },
      [user.id, quota.maxActive, quota.maxPerMinute, quota.maxPerDay],
    );
  }
  return pipelines;
}

/** Creates the venue on first use and grants it to the user. */
async function openVenue(database: Database, venue: string, userId: string): Promise<void> {
  if (isPaperVenue(venue)) return;
  const venues = createVenueRepository(database);
  if (!(await venues.list()).some(({ name }) => name === venue)) await venues.create(venue, userId);
  await venues.grant(venue, userId, userId);
}

export function createRealSubject(database: Database, pipelines: readonly Pipeline[]): Subject {
  const owners = new Map(pipelines.map(({ id, userId }) => [id, { userId, role: 'trader' as const }]));
  const halts = createHaltStore(database);
  const engaged = new Map<string, string>();
  const ownerOf = (id: string) => owners.get(id) ?? { userId: '', role: 'trader' as const };
  const lift = async (id: string): Promise<void> => {
    const halt = engaged.get(id);
    if (halt !== undefined) await halts.lift(halt, ownerOf(id).userId, 'over');
    engaged.delete(id);
  };
  return {
    decisions: createDecisionStore(database),
    executions: createExecutionStore(database),
    sweeps: createSweepStore(database),
    intents: createIntentStore(database),
    call: async (work) => {
      // Advances the clock, so that "before" and "after" mean the same on both sides.
      await database.query({ text: 'SELECT pg_sleep(0.003)' });
      return work();
    },
    setActive: async (id, isActive) =>
      void (await createPipelineRepository(database).setActive(ownerOf(id), id, isActive)),
    setHalted: async (id, mode) => {
      await lift(id);
      if (mode === null) return;
      const subscription = {
        level: 'pipeline' as const,
        subject: id,
        mode,
        reason: 'a drill',
        engagedBy: ownerOf(id).userId,
      };
      engaged.set(id, (await halts.engage(subscription)).halt.id);
    },
    setGranted: async (id, isGranted) => {
      const { venue, userId } = pipelines.find((pipeline) => pipeline.id === id) ?? PAPER;
      if (isPaperVenue(venue)) return;
      const venues = createVenueRepository(database);
      await (isGranted ? venues.grant(venue, userId, userId) : venues.revoke(venue, userId));
    },
    state: (ids) => readRealState(database, ids),
  };
}

async function readRealState(database: Database, ids: readonly string[]): Promise<Record<string, unknown>> {
  const rows = async (text: string): Promise<unknown[]> => [...(await database.query({ text }, [[...ids]]))];
  return {
    decisionLog: await rows(`SELECT pipeline_id AS pipeline, signal_id AS signal, outcome, reason, execution_id AS run
      FROM signal_matches WHERE pipeline_id = ANY ($1::uuid[]) ORDER BY 1, 2`),
    runs: await rows(`SELECT id, status, stop_reason AS stop, overlap_key AS key, slot, dispatch_gen AS gen, attempt,
        lease_token::int AS token, enqueued_at IS NOT NULL AS enqueued, started_at IS NOT NULL AS started,
        finished_at IS NOT NULL AS finished
      FROM executions WHERE pipeline_id = ANY ($1::uuid[]) ORDER BY id`),
    intents: await rows(`SELECT client_order_id AS id, state, params ->> 'quantity' AS quantity FROM order_intents
      WHERE pipeline_id = ANY ($1::uuid[]) ORDER BY 1`),
    orders: await rows(`SELECT client_order_id AS id FROM orders WHERE pipeline_id = ANY ($1::uuid[]) ORDER BY 1`),
    accounts: await rows(`SELECT pipeline_id AS pipeline, trim_scale(cash)::text AS cash, version::int AS version
      FROM paper_accounts WHERE pipeline_id = ANY ($1::uuid[]) ORDER BY 1`),
    steps: await rows(`SELECT s.execution_id AS run, count(*)::int AS steps FROM execution_steps s
      JOIN executions e ON e.id = s.execution_id WHERE e.pipeline_id = ANY ($1::uuid[]) GROUP BY 1 ORDER BY 1`),
  };
}

/** The model, on a network without faults. */
export function createModelSubject(pipelines: readonly Pipeline[], quotas: ReadonlyMap<string, UserQuota>): Subject {
  const world = new World(1, { start: Date.now() });
  const postgres = new Postgres(world, new Server(world, 'postgres', { ...CALM, delay: 0 }));
  const process = new SimProcess(world, 'test');
  const { tables } = postgres;
  for (const [user, quota] of quotas) tables.quotas.set(user, quota);
  for (const pipeline of pipelines) {
    if (!isPaperVenue(pipeline.venue)) tables.venueGrants.set(pipeline.venue, new Set([pipeline.userId]));
    tables.pipelines.set(pipeline.id, {
      pipeline,
      versions: [{ pipeline, validFrom: -Infinity, validTo: Infinity }],
      lastOccurredAt: null,
      account: { initialCash: '100000', cash: '100000', version: 0 },
      positions: new Map(),
    });
  }
  return {
    ...postgres.storesOf(process),
    call: (work) => runIn(world, process, work),
    setActive: (id, isActive) => {
      const row = tables.pipelines.get(id);
      if (row !== undefined && row.pipeline.isActive !== isActive) {
        row.pipeline = { ...row.pipeline, isActive, version: row.pipeline.version + 1 };
        row.versions.push({ pipeline: row.pipeline, validFrom: world.now, validTo: Infinity });
      }
      return Promise.resolve();
    },
    setHalted: (id, mode) => {
      const index = tables.halts.findIndex(({ subject }) => subject === id);
      if (index >= 0) tables.halts.splice(index, 1);
      if (mode !== null) tables.halts.push({ id, level: 'pipeline', subject: id, mode, reason: 'a drill' });
      return Promise.resolve();
    },
    setGranted: (id, isGranted) => {
      const { venue, userId } = tables.pipelines.get(id)?.pipeline ?? PAPER;
      if (isGranted) tables.venueGrants.set(venue, new Set([userId]));
      else tables.venueGrants.delete(venue);
      return Promise.resolve();
    },
    state: () => Promise.resolve(readModelState(postgres)),
  };
}

/** Advances virtual time until the work is done. */
async function runIn<T>(world: World, process: SimProcess, work: () => Promise<T>): Promise<T> {
  return withVirtualTimers(world, async () => {
    let outcome: { value: T } | { error: unknown } | undefined;
    world.at(3, () =>
      process.deliver(() => {
        work().then(
          (value) => (outcome = { value }),
          (error: unknown) => (outcome = { error }),
        );
      }),
    );
    await world.run(Infinity, () => outcome !== undefined);
    if (outcome === undefined) throw new Error('no events are left, but the command has not finished');
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  });
}

function readModelState({ tables }: Postgres): Record<string, unknown> {
  const byId = <T extends { readonly id: string }>(rows: T[]): T[] => rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  const decisionLog = [...tables.matches.values()].map((line) => ({
    pipeline: line.pipelineId,
    signal: line.signalId,
    outcome: line.outcome,
    reason: line.reason,
    run: line.executionId,
  }));
  const runs = [...tables.executions.values()].map((run) => ({
    id: run.id,
    status: run.status,
    stop: run.stopReason,
    key: run.overlapKey,
    slot: run.slot,
    gen: run.dispatchGen,
    attempt: run.attempt,
    token: run.leaseToken,
    enqueued: run.enqueuedAt !== null,
    started: run.startedAt !== null,
    finished: run.finishedAt !== null,
  }));
  const accounts = [...tables.pipelines].map(([pipeline, { account }]) => ({
    pipeline,
    cash: account.cash,
    version: account.version,
  }));
  const steps = [...tables.steps]
    .filter(([, list]) => list.length > 0)
    .map(([run, list]) => ({ run, steps: list.length }));
  return {
    decisionLog: decisionLog.sort((a, b) => (a.pipeline + a.signal < b.pipeline + b.signal ? -1 : 1)),
    runs: byId(runs),
    intents: byId([...tables.intents].map(([id, { state, intent }]) => ({ id, state, quantity: intent.quantity }))),
    orders: byId([...tables.orders].map((id) => ({ id }))),
    accounts: accounts.sort((a, b) => (a.pipeline < b.pipeline ? -1 : 1)),
    steps: steps.sort((a, b) => (a.run < b.run ? -1 : 1)),
  };
}
