import { createMulberry32 } from '@tripline/runtime';
import { eventually } from '@tripline/testing';

import type { AppProcess } from '../../tools/demo/app-process';
import { readTopic } from '../../tools/accounting/read-topic';
import { RESTART_AT_ONCE } from '../../tools/supervision/restart-policy';
import { supervise, type Supervision } from '../../tools/supervision/supervise';
import {
  expectedLoadIds,
  LOAD_ENV,
  readProgress,
  readWatermark,
  recordsInTopic,
  seedLoadPipelines,
} from '../support/load';
import { report, secondsSince } from '../support/report';
import { createSystem, type TestSystem } from '../support/system';

jest.setTimeout(240_000);

const KILLS_EACH = 5;
const RECOVERY_DEADLINE_MS = 60_000;
const EXIT_DEADLINE_SECONDS = 25;
/** Set E2E_SEED to repeat a test; the moments also depend on the machine. */
const seed = Number(process.env['E2E_SEED'] ?? Math.floor(performance.timeOrigin % 1_000_000));
const random = createMulberry32(seed);

const DISPATCHER = 'dispatcher-under-test';
const env = {
  ...LOAD_ENV,
  'trigger-dispatcher': { ...LOAD_ENV['trigger-dispatcher'], DATABASE_APPLICATION_NAME: DISPATCHER },
};

let system: TestSystem;
let supervision: Supervision;
/** Lines printed by the supervisor. */
const lines: string[] = [];

/** Waits for a random number of new records. Under steady load this is a random moment, never an idle one. */
async function untilRandomMoment(): Promise<void> {
  const wanted = (await recordsInTopic(system)) + 20 + Math.floor(random() * 150);
  const options = { timeoutMs: RECOVERY_DEADLINE_MS, intervalMs: 1 + Math.floor(random() * 20) };
  await eventually(async () => (await recordsInTopic(system)) >= wanted, { ...options, description: 'more records' });
}

async function until(description: string, condition: () => Promise<boolean>): Promise<void> {
  await eventually(condition, { timeoutMs: RECOVERY_DEADLINE_MS, intervalMs: 25, description });
}

/** `kill -9` from outside; resolves when the supervisor has launched a new process. */
async function kill(app: AppProcess): Promise<void> {
  const pid = app.pid();
  if (pid === undefined) throw new Error(`${app.name} is not running`);
  process.kill(pid, 'SIGKILL');
  await until(`another process of ${app.name}`, async () => app.pid() !== pid);
}

/** Kills the app, then waits until the new process resumes its own work; returns the seconds since the kill. */
async function killOnce(
  app: AppProcess,
  workIsDone: () => Promise<number>,
  isAtWork?: () => Promise<boolean>,
): Promise<number> {
  await untilRandomMoment();
  if (isAtWork !== undefined) {
    await eventually(isAtWork, { timeoutMs: RECOVERY_DEADLINE_MS, intervalMs: 1, description: `${app.name} at work` });
  }
  const killedAt = performance.now();
  await kill(app);
  const before = await workIsDone();
  await until(`work of ${app.name} after its kill`, async () => (await workIsDone()) > before);
  return (performance.now() - killedAt) / 1000;
}

const seconds = (values: readonly number[]): string => values.map((value) => value.toFixed(1)).join(', ');
const decisions = async (): Promise<number> => (await readProgress(system.database)).decisions;
const finished = async (): Promise<number> => (await readProgress(system.database)).finished;

async function countOf(text: string): Promise<number> {
  const [row] = await system.database.query<{ count: string }>({ text });
  return Number(row?.count);
}

/** In the middle of an execution. */
const isExecuting = async (): Promise<boolean> =>
  (await countOf(`SELECT count(*) FROM executions WHERE status = 'running'`)) > 0;
/** In the middle of a transaction. */
const isDeciding = async (): Promise<boolean> =>
  (await countOf(
    `SELECT count(*) FROM pg_stat_activity WHERE application_name = '${DISPATCHER}' AND state <> 'idle'
       AND xact_start IS NOT NULL AND query NOT LIKE '%pg_stat_activity%'`,
  )) > 0;

beforeAll(async () => {
  report(`kills at moments from E2E_SEED=${seed}`);
  system = await createSystem({ name: 'kills', env });
  await seedLoadPipelines(system.database);
  const { apps } = system;
  await Promise.all([apps.worker.start(), apps['trigger-dispatcher'].start()]);
  await apps['signal-generator'].start();
  supervision = supervise([apps.worker, apps['trigger-dispatcher'], apps['signal-generator']], {
    policy: RESTART_AT_ONCE,
    report: (line) => lines.push(line),
  });
  await until('work under load', async () => (await finished()) > 50);
});
afterAll(async () => {
  await supervision?.stop();
  await system?.dispose();
});

describe('a process killed under load', () => {
  it('the worker resumes work after each kill', async () => {
    const took: number[] = [];
    for (let kill = 1; kill <= KILLS_EACH; kill += 1)
      took.push(await killOnce(system.apps.worker, finished, isExecuting));
    report(`worker killed ${took.length} times, executing again after ${seconds(took)} s`);
    await until('a line for the last restart', async () =>
      lines.some((line) => line.endsWith(`restart ${KILLS_EACH})`)),
    );
    expect(lines.filter((line) => /^worker \(pid \d+\) died: SIGKILL; /.test(line))).toHaveLength(KILLS_EACH);
    expect(supervision.restarts()).toEqual({ worker: KILLS_EACH });
  });

  it('the dispatcher resumes work after each kill', async () => {
    const dispatcher = system.apps['trigger-dispatcher'];
    const took: number[] = [];
    for (let kill = 1; kill <= KILLS_EACH; kill += 1) took.push(await killOnce(dispatcher, decisions, isDeciding));
    report(`dispatcher killed ${took.length} times, deciding again after ${seconds(took)} s`);
  });

  it('the generator resumes from its watermark with the same ids', async () => {
    const generator = system.apps['signal-generator'];
    const took: number[] = [];
    for (let kill = 1; kill <= 2; kill += 1) took.push(await killOnce(generator, () => recordsInTopic(system)));
    const { signals, duplicateRecords } = await readTopic(system.admin, system.names.topic);
    const expected = new Set(await expectedLoadIds(system));
    expect([...signals.keys()].filter((id) => !expected.has(id))).toEqual([]);
    report(`generator killed twice, publishing again after ${seconds(took)} s; ${duplicateRecords} records re-emitted`);
  });

  it('leaves no execution open for longer than lease and sweep take', async () => {
    const from = performance.now();
    const text = `SELECT count(*) FROM executions WHERE status IN ('pending', 'running') AND created_at < now() - interval '20 s'`;
    await until('an end of what the killed processes held', async () => (await countOf(text)) === 0);
    const attempts = await countOf('SELECT count(*) FROM executions WHERE attempt > 1');
    const generations = await countOf('SELECT count(*) FROM executions WHERE dispatch_gen > 1');
    const again = await countOf('SELECT coalesce(sum(duplicates), 0) AS count FROM consumer_progress');
    report(`nothing stuck ${secondsSince(from)} after the last kill; ${attempts} executions began a second attempt,`);
    report(`  ${generations} were given a second job, ${again} decided pairs were delivered again`);
  });
});

// In the order of the flow, so that each process is stopped in the middle of its work.
describe('a process asked to stop under load', () => {
  async function terminate(app: AppProcess): Promise<void> {
    const from = performance.now();
    expect(await app.stop()).toBe(0);
    expect((performance.now() - from) / 1000).toBeLessThan(EXIT_DEADLINE_SECONDS);
    expect(await app.isReady()).toBe(false);
    report(`${app.name} exited with 0 ${secondsSince(from)} after SIGTERM`);
  }

  it('the worker finishes or releases the executions it had claimed', async () => {
    await terminate(system.apps.worker);
    expect(await countOf(`SELECT count(*) FROM executions WHERE status = 'running'`)).toBe(0);
  });

  it('the dispatcher commits exactly the offsets it has decided', async () => {
    await terminate(system.apps['trigger-dispatcher']);
    const { admin, names, database } = system;
    const rows = await database.query<{ part: number; next: string }>(
      { text: `SELECT part, next_off::text AS next FROM consumer_progress WHERE topic = $1 ORDER BY part` },
      [names.topic],
    );
    const committed = (await admin.groupLag(names.group, names.topic)).filter((lag) => lag.committed !== null);
    expect(committed.map(({ partition, committed: next }) => ({ part: partition, next: String(next) }))).toEqual(rows);
  });

  it('the generator saves a watermark that covers exactly what it has published', async () => {
    await terminate(system.apps['signal-generator']);
    const { signals } = await readTopic(system.admin, system.names.topic);
    expect(readWatermark(system)).toBe(signals.size);
  });

  it('nothing is lost or duplicated once dispatcher and worker run again', async () => {
    const { apps } = system;
    await Promise.all([apps.worker.start(), apps['trigger-dispatcher'].start()]);
    const settledFrom = performance.now();
    await system.settle();
    const { findings, ...figures } = await system.recount(await expectedLoadIds(system));
    report(`kills: settled in ${secondsSince(settledFrom)}: ${JSON.stringify(figures)}`);
    expect(findings).toEqual([]);
    expect(figures).toMatchObject({ lost: 0, doubled: 0, executionsByStatus: { completed: figures.executions } });
    expect(supervision.crashes.filter(({ cause }) => cause !== 'SIGKILL')).toEqual([]);
  });
});
