import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { createDatabase, createDatabaseConfig } from '@tripline/database';
import { dropDatabase } from '@tripline/migrations';

import { onOutputClosed } from '../local-stack';
import { type DemoArguments, readArguments, USAGE } from './arguments';
import { claimPlace, type Place } from './claim-place';
import { LOCAL_DIR } from './demo-environment';
import { type DemoInput, loadDemoInput } from './demo-input';
import { type DemoRun, startDemo } from './demo-run';
import { figuresLine, readFigures } from './figures';
import { runOnce } from './once';

/** Defaults of the live demo for variables that the environment leaves unset. Twenty years pass in ten minutes. */
const LIVE_DEFAULTS = { FEEDS: 'history,mock', REPLAY_SPEED: '1000000', MOCK_RATE_PER_SECOND: '2' };
const LINE_EVERY_MS = 1_000;
/** Clears the live line before printing. */
const CLEAR_LINE = process.stdout.isTTY ? '\r\u001b[2K' : '';
const say = (line: string): void => void process.stdout.write(`${CLEAR_LINE}${line}\n`);

async function main(args: readonly string[]): Promise<number> {
  let options: DemoArguments;
  try {
    options = readArguments(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    return 2;
  }
  if (options.help) {
    say(USAGE);
    return 0;
  }
  const stop = new AbortController();
  const abort = (): void => stop.abort(new Error('stopped'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, abort);
  onOutputClosed(abort);
  if (options.once) return runOnce({ speed: options.speed, report: say, signal: stop.signal });
  return runLive(options.fresh, options.speed, stop.signal);
}

async function runLive(fresh: boolean, speed: string | undefined, signal: AbortSignal): Promise<number> {
  const input = await loadDemoInput({ defaults: LIVE_DEFAULTS, speed, report: say });
  const place = await claimPlace('demo', 1);
  if (place === null) throw new Error('npm start is already running in this folder: stop it first (Ctrl-C)');
  try {
    return await showLive(place, fresh, input, signal);
  } finally {
    place.release();
  }
}

async function showLive({ dir }: Place, fresh: boolean, input: DemoInput, signal: AbortSignal): Promise<number> {
  const stateDir = join(dir, 'state');
  const names = {
    database: 'tripline_demo',
    topic: 'trading-signals',
    group: 'trigger-dispatcher',
    redisPrefix: '{tripline}',
    stateDir,
    logDir: join(LOCAL_DIR, 'logs', 'apps'),
  };
  if (fresh) rmSync(stateDir, { recursive: true, force: true });
  const run = await startDemo({
    names,
    serversDir: join(dir, 'servers'),
    signal,
    withPrometheus: true,
    input,
    report: say,
    ...(fresh && { beforePrepare: ({ DATABASE_URL }) => dropDatabase(DATABASE_URL, names.database) }),
  });
  printAddresses(run);
  const code = await showUntilStopped(run, signal);
  say('\nstopping …');
  await run.stop();
  say('stopped; the data is kept in .local/demo (npm start -- --fresh deletes it)');
  return code;
}

function printAddresses({ ports, secrets, prometheusUrl, names, apps }: DemoRun): void {
  const { metrics } = ports;
  say(`
API          http://127.0.0.1:${ports.api}/api/health    documentation http://127.0.0.1:${ports.api}/docs
log in as    admin@tripline.local, alice@tripline.local or bob@tripline.local, password ${secrets.password}
metrics      api :${metrics.api}/metrics, worker :${metrics.worker}, signal-generator :${metrics['signal-generator']}, trigger-dispatcher :${metrics['trigger-dispatcher']}
Prometheus   ${prometheusUrl ?? 'not installed on this machine (apt-get install prometheus); the metrics endpoints work without it'}
logs         ${names.logDir}
break it     kill -9 ${apps.worker.pid()} kills the worker; the other pids are listed above
Ctrl-C stops everything.
`);
}

/** Shows the live line until Ctrl-C (returns 0) or until a service or server cannot stay up (returns 1). */
async function showUntilStopped(run: DemoRun, signal: AbortSignal): Promise<number> {
  const { failed, restarts } = run.supervision;
  const database = createDatabase(createDatabaseConfig(run.databaseUrl, { poolSize: 1 }));
  await database.start();
  const show = async (): Promise<void> => {
    const line = await readFigures(database).then(
      (figures) => figuresLine(figures, restarts()),
      (error: Error) => `cannot read the counts: ${error.message}`,
    );
    process.stdout.write(process.stdout.isTTY ? `${CLEAR_LINE}${line}` : `${line}\n`);
  };
  const timer = setInterval(() => void show(), process.stdout.isTTY ? LINE_EVERY_MS : LINE_EVERY_MS * 10);
  await untilAborted(AbortSignal.any([signal, failed]));
  clearInterval(timer);
  await database.stop();
  if (!failed.aborted) return 0;
  process.stderr.write(`${CLEAR_LINE}${(failed.reason as Error).message}\n`);
  return 1;
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
