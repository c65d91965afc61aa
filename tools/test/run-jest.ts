import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { endsWithin } from '@tripline/runtime';
import type { JestOutcome, JestReport } from './totals';
import { TIER_DEADLINE_MS, type TestRequest, type Tier } from './tiers';

/** How long Jest may take to exit after it has written its report. */
const EXIT_GRACE_MS = 20_000;
const KILL_GRACE_MS = 5_000;
const GROUP_GRACE_MS = 20_000;
const POLL_MS = 250;

let running: ChildProcess | undefined;

/** Ends the running Jest and its process group. SIGTERM comes first so that a chaos test can stop its servers. */
export async function stopJest(): Promise<void> {
  const pid = running?.pid;
  if (pid === undefined) return;
  const deadline = Date.now() + GROUP_GRACE_MS;
  for (let signal: NodeJS.Signals | 0 = 'SIGTERM'; signalGroup(pid, signal); signal = 0) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    if (Date.now() > deadline) return void signalGroup(pid, 'SIGKILL');
  }
}

/** False when the group has no processes left. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** Runs one tier with its progress on the terminal; never throws because of test results. */
export async function runJest(
  tier: Tier,
  request: TestRequest,
  environment: Readonly<Record<string, string | undefined>>,
  root: string,
): Promise<JestOutcome> {
  const reportFile = join(root, '.local', 'test-reports', `${tier}-${process.pid}.json`);
  mkdirSync(dirname(reportFile), { recursive: true });
  rmSync(reportFile, { force: true });
  const args = [
    join(root, 'node_modules/jest/bin/jest.js'),
    ...['--selectProjects', tier, '--json', `--outputFile=${reportFile}`, '--passWithNoTests', '--ci'],
    // The suites of this tier share servers and stop them, so they run one after the other.
    ...(tier === 'e2e' ? ['--runInBand'] : []),
    ...(request.patterns.length > 0 ? ['--testPathPatterns', ...request.patterns] : []),
    ...request.jestArgs,
  ];
  // With --json the report goes to the file and a copy to stdout, which is ignored; progress comes on stderr.
  // Its own process group: an interruption reaches only the runner, which then ends Jest and Jest's children together.
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  running = child;
  const { code, hung } = await waitForEnd(child, reportFile, TIER_DEADLINE_MS[tier]);
  const report = readReport(reportFile);
  rmSync(reportFile, { force: true });
  return { report, code, hung };
}

async function waitForEnd(
  child: ChildProcess,
  reportFile: string,
  deadlineMs: number,
): Promise<{ code: number | null; hung: boolean }> {
  let code: number | null = null;
  let ended = false;
  const end = new Promise<void>((resolve) => {
    child.once('close', (exitCode) => {
      code = exitCode;
      ended = true;
      resolve();
    });
    child.once('error', () => {
      ended = true;
      resolve();
    });
  });
  let deadline = Date.now() + deadlineMs;
  let reported = false;
  while (!ended && Date.now() < deadline) {
    await endsWithin(end, POLL_MS);
    if (!reported && existsSync(reportFile)) {
      reported = true;
      deadline = Date.now() + EXIT_GRACE_MS;
    }
  }
  if (ended) return { code, hung: false };
  process.stderr.write(
    reported
      ? 'Jest did not exit after its tests: something is still running (try --detectOpenHandles)\n'
      : 'Jest hangs\n',
  );
  child.kill('SIGTERM');
  await endsWithin(end, KILL_GRACE_MS);
  if (!ended) child.kill('SIGKILL');
  await end;
  return { code: null, hung: true };
}

function readReport(file: string): JestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JestReport;
  } catch {
    return undefined;
  }
}
