import { eventually } from '@tripline/testing';

import { APP_NAMES } from '../../tools/demo/demo-environment';
import { RESTART_AT_ONCE } from '../../tools/supervision/restart-policy';
import { supervise, type Supervision } from '../../tools/supervision/supervise';
import { expectedLoadIds, LOAD_ENV, readProgress, recordsInTopic, seedLoadPipelines } from '../support/load';
import { readCounter } from '../support/metrics';
import { report, secondsSince } from '../support/report';
import { createSystem, type TestSystem } from '../support/system';

jest.setTimeout(180_000);

/** Number of new decisions that shows that work continues. */
const SOME = 150;
/** Number of signals or decisions during an outage: about five seconds of load. */
const MANY = 750;
const FELT_AFTER_SECONDS = 5;
const RECOVERY_DEADLINE_MS = 60_000;

let system: TestSystem;
let supervision: Supervision;

/** Waits until decisions and finished executions have both grown since the call. */
async function untilWorkGoesOn(timeoutMs = RECOVERY_DEADLINE_MS): Promise<void> {
  const options = { timeoutMs, intervalMs: 50 };
  const before = await eventually(() => readProgress(system.database), options);
  const goesOn = async (): Promise<void> => {
    const now = await readProgress(system.database);
    expect(now.decisions).toBeGreaterThan(before.decisions + SOME);
    expect(now.finished).toBeGreaterThan(before.finished);
  };
  await eventually(goesOn, { ...options, description: 'new decisions and finished executions' });
}

async function readOpenRuns(): Promise<string[]> {
  const text = `SELECT id FROM executions WHERE status IN ('pending', 'running')`;
  const read = (): Promise<readonly { id: string }[]> => system.database.query<{ id: string }>({ text });
  return (await eventually(read, { timeoutMs: RECOVERY_DEADLINE_MS })).map(({ id }) => id);
}

/** Waits until these executions have ended. An open execution blocks its pipeline, so it must end soon after the outage. */
async function untilEnded(runs: readonly string[]): Promise<void> {
  const text = 'SELECT count(*)::text AS open FROM executions WHERE id = ANY($1) AND finished_at IS NULL';
  const allEnded = async (): Promise<void> => {
    const [row] = await system.database.query<{ open: string }>({ text }, [runs]);
    expect(row?.open).toBe('0');
  };
  await eventually(allEnded, {
    timeoutMs: RECOVERY_DEADLINE_MS / 2,
    description: 'an end of the executions that were open',
  });
}

async function untilTopicGrows(): Promise<void> {
  const before = await recordsInTopic(system);
  const grows = async (): Promise<boolean> => (await recordsInTopic(system)) > before + MANY;
  await eventually(grows, { timeoutMs: RECOVERY_DEADLINE_MS, description: 'a growing topic' });
}

async function untilAllAreReady(): Promise<void> {
  const allReady = async (): Promise<void> => {
    const ready = await Promise.all(APP_NAMES.map((app) => system.apps[app].isReady()));
    expect(APP_NAMES.filter((_, index) => !ready[index])).toEqual([]);
  };
  await eventually(allReady, { timeoutMs: RECOVERY_DEADLINE_MS, description: 'four services that are ready' });
}

/** Kills the server, waits until the outage has had an effect, and restarts it; reports how long recovery took. */
async function takeAway(name: 'kafka' | 'redis' | 'postgres', untilFelt: () => Promise<void>): Promise<void> {
  const server = system.stack.component(name);
  const crashesBefore = supervision.crashes.length;
  const killedAt = performance.now();
  await server.kill();
  let away = '';
  try {
    await untilFelt();
  } finally {
    away = secondsSince(killedAt);
    await server.start();
  }
  const backAt = performance.now();
  const openRuns = await readOpenRuns();
  await untilWorkGoesOn();
  const working = secondsSince(backAt);
  await untilEnded(openRuns);
  const ended = secondsSince(backAt);
  await untilAllAreReady();
  const crashes = supervision.crashes.slice(crashesBefore).map(({ name: app, cause }) => `${app} by ${cause}`);
  report(
    `${name} away for ${away}; back at work after ${working}, its ${openRuns.length} open runs ended after ${ended}, ` +
      `all ready after ${secondsSince(backAt)}; restarts: ${crashes.join(', ') || 'none'}`,
  );
}

beforeAll(async () => {
  system = await createSystem({ name: 'servers', env: LOAD_ENV });
  await seedLoadPipelines(system.database);
  const { apps } = system;
  await Promise.all([apps.api.start(), apps.worker.start()]);
  await apps['trigger-dispatcher'].start();
  await apps['signal-generator'].start();
  supervision = supervise(Object.values(apps), { policy: RESTART_AT_ONCE, report });
  await untilWorkGoesOn();
});
afterAll(async () => {
  await supervision?.stop();
  // Restores the servers for the next suite, whatever the tests did to them.
  await system?.stack.start();
  await system?.dispose();
});

describe('under load', () => {
  it('decisions continue during a Redis outage, and their executions run afterwards', async () => {
    await takeAway('redis', async () => {
      const { decisions } = await readProgress(system.database);
      await eventually(async () => (await readProgress(system.database)).decisions > decisions + MANY, {
        timeoutMs: RECOVERY_DEADLINE_MS,
        description: 'decisions without Redis',
      });
    });
  });

  it('publishing continues during a PostgreSQL outage, and everything is decided afterwards', async () => {
    await takeAway('postgres', untilTopicGrows);
  });

  it('the generator holds its signals back during a Kafka outage and publishes them afterwards', async () => {
    const port = system.ports.metrics['trigger-dispatcher'];
    await takeAway('kafka', async () => {
      const isLongAway = async (): Promise<boolean> =>
        (await readCounter(port, 'kafka_consumer_last_poll_age_seconds')) > FELT_AFTER_SECONDS;
      await eventually(isLongAway, { timeoutMs: 30_000, description: 'a consumer that hears nothing' });
    });
  });

  it('the outages lose and duplicate nothing', async () => {
    await system.apps['signal-generator'].stop();
    const settledFrom = performance.now();
    await system.settle();
    const { findings, ...figures } = await system.recount(await expectedLoadIds(system));
    report(`servers: settled in ${secondsSince(settledFrom)}: ${JSON.stringify(figures)}`);
    expect(findings).toEqual([]);
    expect(figures).toMatchObject({ lost: 0, doubled: 0, executionsByStatus: { completed: figures.executions } });
  });

  it('no service exits unexpectedly, apart from those designed to be restarted', () => {
    // A dispatcher whose consumer gave up logs it and exits with 1. No other exit or crash is allowed.
    const others = supervision.crashes.filter(
      ({ name, cause }) => name !== 'trigger-dispatcher' || !cause.startsWith('exit code 1'),
    );
    expect(others).toEqual([]);
  });
});
