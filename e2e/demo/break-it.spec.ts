import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { eventually } from '@tripline/testing';

import { ROOT } from '../support/e2e-stack';
import { report } from '../support/report';

jest.setTimeout(120_000);

const DEADLINE_MS = 90_000;
/** Twenty years in about six seconds: long enough to kill something in the middle. */
const SPEED = '100000000';
/** Shorter than the defaults, as in the fault suites, so that a killed worker's executions are taken over sooner. */
const SHORT_WAITS = { SWEEP_INTERVAL: '500ms', SWEEP_NOT_ENQUEUED_AFTER: '2s', SWEEP_STALE_JOB_AFTER: '10s' };

let demo: ChildProcess | undefined;
let exitCode: Promise<number | null> | undefined;
const lines: string[] = [];

/** Waits for a line of the demo and returns the first group of the match. */
async function untilLine(pattern: RegExp): Promise<string> {
  const find = (): string => {
    const found = lines.map((line) => pattern.exec(line)).find((match) => match !== null);
    if (found === undefined) throw new Error(`no ${pattern} in:\n${lines.join('\n')}`);
    return found[1] ?? '';
  };
  return eventually(async () => find(), { timeoutMs: DEADLINE_MS, intervalMs: 20 });
}

/** Variables set by Jest, or naming this test's servers. With the latter, the demo would not start its own. */
const OF_THE_TEST_RUN = ['NODE_ENV', 'JEST_WORKER_ID', 'KAFKA_BROKERS', 'REDIS_URL', 'DATABASE_URL'];

/** The demo as a user starts it, with its own servers and services. */
function startDemo(): Promise<number | null> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_THE_TEST_RUN.includes(name)));
  const args = [join(ROOT, 'tools/bootstrap/run.mjs'), 'start', '--once', '--speed', SPEED];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...env, ...SHORT_WAITS },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  demo = child;
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  return new Promise((resolve) => child.once('close', resolve));
}

afterAll(async () => {
  demo?.kill('SIGTERM');
  await exitCode;
});

describe('npm start -- --once', () => {
  it('restarts a killed worker, reports the restart, and loses and doubles nothing', async () => {
    exitCode = startDemo();
    const worker = await untilLine(/^processes .*\bworker (\d+)/);
    await untilLine(/^signals [1-9]/);
    process.kill(Number(worker), 'SIGKILL');
    await untilLine(/^worker ready again after [\d.]+ s \(pid \d+, (restart 1)\)$/);

    expect(await exitCode).toBe(0);
    const told = lines.filter((line) => /died|again|taken over/.test(line));
    report(told.join('\n'));
    expect(told).toContainEqual(expect.stringMatching(`^worker \\(pid ${worker}\\) died: SIGKILL; restarting in`));
    expect(lines.some((line) => line.endsWith('| restarts worker 1'))).toBe(true);
    // Services that the demo stops itself at the end do not count as died.
    expect(told.filter((line) => line.includes('died'))).toHaveLength(1);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ signals: 1581, lost: 0, doubled: 0 });
  });
});
