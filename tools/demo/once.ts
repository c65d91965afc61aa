import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { createKafkaConnection, createTopicAdmin, kafkaConfigSchema, type TopicAdmin } from '@tripline/messaging';
import { createDatabase, createDatabaseConfig, type Database } from '@tripline/database';
import { dropDatabase } from '@tripline/migrations';
import { createPipelineRepository } from '@tripline/pipeline-store';

import { expectedSignalIds } from '../accounting/expected-signals';
import { readSnapshot } from '../accounting/read-snapshot';
import { readTopic } from '../accounting/read-topic';
import { type Recount, recount } from '../accounting/recount';
import { readSettlement } from '../accounting/settlement';
import { claimPlace, type Place } from './claim-place';
import { APP_NAMES, LOCAL_DIR } from './demo-environment';
import { type DemoInput, loadDemoInput } from './demo-input';
import { type DemoRun, startDemo } from './demo-run';
import { figuresLine, readFigures } from './figures';

const POLL_MS = 200;
const LINE_EVERY_MS = 2_000;
/** Defaults for variables that the environment leaves unset. */
const ONCE_DEFAULTS = { FEEDS: 'history', REPLAY_SPEED: 'max' };
/** No progress for this long means that something hangs. */
const STALL_MS = 90_000;

/** How many `--once` commands may run at once in one folder, each with its own servers. */
const MAX_RUNS = 4;

export interface OnceOptions {
  /** How many times faster than real time, or `max`. Default: `REPLAY_SPEED`, else `max`. */
  readonly speed: string | undefined;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Replays the history to its end at full speed under its own names, then recounts everything by
 * id. Prints a summary and a final JSON line. Returns the exit code.
 */
export async function runOnce(options: OnceOptions): Promise<number> {
  const { speed, report } = options;
  const input = await loadDemoInput({ defaults: ONCE_DEFAULTS, speed, report });
  if (input.config.feeds.includes('mock') && input.config.mock.count === Infinity) {
    throw new Error('the mock feed never ends: set MOCK_COUNT to use FEEDS=mock with --once');
  }
  const place = await claimPlace('once', MAX_RUNS);
  if (place === null)
    throw new Error(`${MAX_RUNS} \`npm start -- --once\` commands are already running in this folder`);
  try {
    return await replayOnce(place, input, options);
  } finally {
    place.release();
  }
}

async function replayOnce(place: Place, input: DemoInput, { report, signal }: OnceOptions): Promise<number> {
  const stateDir = join(place.dir, 'state');
  rmSync(stateDir, { recursive: true, force: true });
  const names = {
    database: `tripline_${place.name.replaceAll('-', '_')}`,
    topic: `trading-signals-once-${process.pid}-${Math.round(performance.timeOrigin)}`,
    group: `once-${process.pid}`,
    redisPrefix: `{once-${process.pid}-${Math.round(performance.timeOrigin)}}`,
    stateDir,
    logDir: join(LOCAL_DIR, 'logs', place.name, 'apps'),
  };
  const run = await startDemo({
    names,
    serversDir: join(place.dir, 'servers'),
    signal,
    withPrometheus: false,
    input,
    report,
    beforePrepare: ({ DATABASE_URL }) => dropDatabase(DATABASE_URL, names.database),
  });
  const database = createDatabase(createDatabaseConfig(run.databaseUrl, { poolSize: 2 }));
  const admin = createTopicAdmin(
    createKafkaConnection(kafkaConfigSchema.parse({ ...run.servers, KAFKA_CLIENT_ID: 'recount' })),
  );
  try {
    const startedAt = performance.now();
    await Promise.all([database.start(), admin.start()]);
    await waitForQuiet({ run, feeds: input.config.feeds, database, admin, report, signal });
    const seconds = (performance.now() - startedAt) / 1000;
    const memory = await memoryByProcess(run);
    // Stop the services before counting: periodic pipelines would start more executions.
    await run.stopApps();
    const pipelines = await createPipelineRepository(database).loadActive();
    const topic = await readTopic(admin, names.topic);
    const snapshot = await readSnapshot(database, names.topic);
    const expected = await expectedSignalIds(input);
    const result = recount(topic, snapshot, pipelines, expected);
    await admin.deleteTopic(names.topic);
    if (expected.size === 0) report('the input produces no signals; it may be too short for the generators');
    printSummary(result, seconds, memory, report);
    return result.lost === 0 && result.doubled === 0 && result.signals >= expected.size ? 0 : 1;
  } finally {
    await Promise.allSettled([admin.stop(), database.stop()]);
    await run.stop();
  }
}

interface QuietOptions extends Omit<OnceOptions, 'speed'> {
  readonly run: DemoRun;
  readonly feeds: readonly string[];
  readonly database: Database;
  readonly admin: TopicAdmin;
}

/**
 * Resolves when the feed has ended, every record is decided and no execution is running. A failed check is repeated,
 * because a server or service that died is being restarted.
 */
async function waitForQuiet(options: QuietOptions): Promise<void> {
  const { run, report } = options;
  const { failed, restarts } = run.supervision;
  const signal = AbortSignal.any([options.signal, failed]);
  let last = '';
  let problem = '';
  let movedAt = performance.now();
  let shownAt = 0;
  for (;;) {
    signal.throwIfAborted();
    try {
      const line = figuresLine(await readFigures(options.database), restarts());
      if (line !== last) movedAt = performance.now();
      last = line;
      if (performance.now() - shownAt > LINE_EVERY_MS) {
        report(line);
        shownAt = performance.now();
      }
      if (await isQuiet(options)) return;
      problem = '';
    } catch (error) {
      problem = `; the last check failed: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (performance.now() - movedAt > STALL_MS) {
      throw new Error(`no progress for ${STALL_MS / 1000} s: ${last}${problem}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function isQuiet({ run, feeds, admin, database }: QuietOptions): Promise<boolean> {
  // Ask the feeds first: once they report finished, everything they published is in the topic.
  return (await areFeedsFinished(run, feeds)) && (await readSettlement(admin, database, run.names.topic)).isSettled;
}

async function areFeedsFinished(run: DemoRun, feeds: readonly string[]): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${run.apps['signal-generator'].metricsPort}/health/ready`);
  const { checks } = (await response.json()) as { checks: Record<string, { detail?: string }> };
  return feeds.every((name) => checks[`feed_${name}`]?.detail === 'finished');
}

async function memoryByProcess(run: DemoRun): Promise<Record<string, number | null>> {
  return Object.fromEntries(
    await Promise.all(APP_NAMES.map(async (app) => [app, await run.apps[app].residentMiB()] as const)),
  );
}

function printSummary(
  result: Recount,
  seconds: number,
  memoryMiB: Record<string, number | null>,
  report: (line: string) => void,
): void {
  const { findings, ...figures } = result;
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  report('');
  report(`${result.signals} signals (${list(result.signalsByType)})`);
  report(`${result.dead} dead records`);
  report(`${result.decisions} decisions (${list(result.decisionsByOutcome)})`);
  report(`${result.executions} executions (${list(result.executionsByStatus)})`);
  report(`${result.orders} orders, realised P&L ${result.pnl} USD after fees`);
  report(
    `in ${seconds.toFixed(1)} s from the first signal to the last execution; memory in MiB: ${list(memoryMiB as Record<string, number>)}`,
  );
  report(
    result.lost + result.doubled === 0
      ? 'recounted by id: every signal is accounted for, and no execution or order is duplicated'
      : `recounted by id: ${result.lost} lost, ${result.doubled} duplicated`,
  );
  for (const finding of findings) report(`  ${finding}`);
  report(JSON.stringify({ ...figures, seconds: Math.round(seconds * 100) / 100, memoryMiB }));
}
