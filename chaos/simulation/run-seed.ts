import { INITIAL_PAPER_CASH } from '@tripline/trading';

import { type AuditSnapshot, checkSnapshot, type CheckOptions, type CheckResult, orderParams } from '@tripline/audit';
import { startTrader } from './actors/trader';
import { CALM, scheduleFaults } from './faults';
import { Fleet } from './fleet';
import { Server } from './kernel/server';
import { SimProcess } from './kernel/sim-process';
import { withVirtualTimers } from './kernel/virtual-timers';
import { World } from './kernel/world';
import { planLoad } from './load';
import { Kafka } from './model/kafka';
import { SimBroker } from './model/sim-broker';
import { type Postgres } from './model/postgres';
import { RedisQueue } from './model/redis-queue';
import { isActive } from './model/tables';
import { HONEST_WIRING } from './honest-wiring';
import type { System, Wiring } from './system';

const PARTITIONS = 2;
/** Records and faults all start within this time. */
const LOAD_MS = 90_000;
/** The longest pause or outage that a fault causes. */
const LONGEST_FAULT_MS = 120_000;
/** All work must have finished this long after the last fault may have ended. */
const REST_MS = 900_000;
const POLL_MS = 1_000;
/** The simulation continues at least this long after the last fault has ended, because a late event may create new work. */
const AFTERMATH_MS = 20_000;
/** A dispatcher resumes after a pause with an outdated list of pipelines. */
const INDEX_LAG_MS = LONGEST_FAULT_MS + 60_000;

export interface SeedOptions {
  readonly seed: number;
  /** Default: the system as it is in production. */
  readonly wiring?: Wiring | undefined;
  readonly keepTrace?: boolean | undefined;
}

export interface SeedResult extends CheckResult {
  readonly seed: number;
  /** Hash of the whole interleaving. */
  readonly hash: string;
  readonly snapshot: AuditSnapshot;
  readonly trace: readonly string[];
  readonly events: number;
  /** From the last fault until all work had finished, virtual ms; null if it never did. */
  readonly restedAfterMs: number | null;
}

/** Runs one seed: load, faults, a quiet period; then checks the audit snapshot. */
export async function runSeed({ seed, wiring = HONEST_WIRING, keepTrace }: SeedOptions): Promise<SeedResult> {
  const world = new World(seed, { keepTrace });
  return withVirtualTimers(world, async () => {
    const system = createSystem(world, wiring);
    const load = planLoad(world.random, { partitions: PARTITIONS, untilMs: LOAD_MS });
    for (const pipeline of load.pipelines) {
      system.postgres.tables.pipelines.set(pipeline.id, {
        pipeline,
        versions: [{ pipeline, validFrom: -Infinity, validTo: Infinity }],
        lastOccurredAt: null,
        account: { initialCash: INITIAL_PAPER_CASH, cash: INITIAL_PAPER_CASH, version: 0 },
        positions: new Map(),
      });
    }
    // Every user may trade at every venue of the load.
    for (const { venue } of load.pipelines) {
      system.postgres.tables.venueGrants.set(venue, new Set(load.pipelines.map(({ userId }) => userId)));
    }
    for (const [user, quota] of load.quotas) system.postgres.tables.quotas.set(user, quota);
    const fleet = new Fleet(system, load.plan);
    fleet.start();
    startTrader(system, new SimProcess(world, 'trader'), world.random.between(1, 6), LOAD_MS);
    scheduleFaults(system, fleet, world.random.between(0, 6), LOAD_MS);

    await world.run(LOAD_MS, () => false);
    Object.assign(system.weather, CALM);
    const restedAt = await runToRest(system, fleet);
    const unmodelled = [...system.postgres.unmodelled];
    if (unmodelled.length > 0) throw new Error(`no model of the statements ${unmodelled.join(', ')}`);
    const snapshot = readSnapshot(system);
    return {
      ...checkSnapshot(snapshot, checkOptions(snapshot)),
      seed,
      hash: world.hash,
      snapshot,
      trace: world.trace,
      events: world.steps,
      restedAfterMs: restedAt === null ? null : Math.max(0, restedAt - Math.max(LOAD_MS, world.troubleUntil)),
    };
  });
}

function createSystem(world: World, wiring: Wiring): System {
  const weather = { ...CALM };
  const server = (name: string): Server => new Server(world, name, weather);
  const kafka = new Kafka(world, server('kafka'), PARTITIONS);
  return {
    world,
    weather,
    postgres: wiring.createPostgres(world, server('postgres')),
    kafka,
    redis: new RedisQueue(world, server('redis')),
    broker: new SimBroker(world, server('broker')),
    webhook: server('webhook'),
    wiring,
    published: [],
    notifications: [],
    listeners: new Set(),
  };
}

/** Runs until all faults are over and all work has finished. Returns when the work finished, ms since the start; null: never. */
async function runToRest(system: System, fleet: Fleet): Promise<number | null> {
  const { world } = system;
  let restedAt: number | null = null;
  let isDone = false;
  const poll = (): void => {
    if (!isAtRest(system, fleet)) restedAt = null;
    else restedAt ??= world.elapsed;
    // Wait until every paused process has resumed: a zombie may still do harm.
    isDone = restedAt !== null && world.elapsed > world.troubleUntil + AFTERMATH_MS;
    if (!isDone) world.at(POLL_MS, poll);
  };
  world.at(0, poll);
  await world.run(LOAD_MS + LONGEST_FAULT_MS + REST_MS, () => isDone);
  return isDone ? restedAt : null;
}

function isAtRest({ kafka, postgres, redis }: System, fleet: Fleet): boolean {
  if (!fleet.isGeneratorDone || lagOf(kafka, postgres) > 0 || !redis.isIdle) return false;
  for (const run of postgres.tables.executions.values()) if (isActive(run)) return false;
  for (const { isSent } of postgres.tables.outbox.values()) if (!isSent) return false;
  for (const { state } of postgres.tables.intents.values()) if (state === 'submitted') return false;
  return true;
}

/** Records of the topic without a decision. */
function lagOf({ topic }: Kafka, { tables }: Postgres): number {
  let lag = 0;
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    lag += Number(topic.highWatermark(partition) - (tables.progress.get(partition)?.nextOffset ?? 0n));
  }
  return lag;
}

function checkOptions({ zombies }: AuditSnapshot): CheckOptions {
  return { indexLagMs: INDEX_LAG_MS, zombiesExpected: (zombies?.attempted ?? 0) > 0 };
}

function readSnapshot({ postgres, kafka, redis, broker, published, notifications }: System): AuditSnapshot {
  const { tables } = postgres;
  return {
    published,
    records: kafka.topic.records(),
    pipelines: [...tables.pipelines.values()].flatMap(({ versions }) => versions),
    decisionLog: [...tables.matches.values()],
    executions: [...tables.executions.values()],
    intents: [...tables.intents.values()].map(({ intent, state, createdAt }) => ({
      clientOrderId: intent.clientOrderId,
      executionId: intent.executionId,
      params: orderParams(intent),
      state,
      createdAt,
    })),
    broker: [...tables.broker, ...broker.journal],
    dead: [...tables.dead.values()],
    jobs: redis.jobs(),
    lag: lagOf(kafka, postgres),
    zombies: tables.zombies,
    notifications,
  };
}
