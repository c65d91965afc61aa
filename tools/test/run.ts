import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { acquireFileLock } from '../bootstrap/file-lock.cjs';
import { stopAllLeftBehind } from '../demo/left-behind';
import {
  createLocalStack,
  INTERRUPTED_EXIT_CODE,
  type LocalStack,
  onInterruption,
  settled,
  stopRunning,
} from '../local-stack';
import { provideTestPrograms } from './packages';
import { runJest, stopJest } from './run-jest';
import { needsServers, parseRequest, type TestRequest } from './tiers';
import { addTotals, countOutcome, formatTotals, isGood, skippedTests, type Totals } from './totals';

const ROOT = resolve(__dirname, '../..');
/** Separate from the ports of `npm start` and `npm run infra`, so that the commands do not compete for ports. */
const PORTS = { kafka: [19_092, 19_093], redis: [16_379], postgres: [15_432] };
const MAXIMUM_PARALLEL_RUNS = 8;
const SHOWN_SKIPPED = 30;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const secondsSince = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;

/** Claims an unused stack folder; several `npm test` may run at once. */
async function claimStackDir(): Promise<{ dir: string; release: () => void }> {
  for (let number = 1; number <= MAXIMUM_PARALLEL_RUNS; number++) {
    const dir = join(ROOT, '.local', number === 1 ? 'test-stack' : `test-stack-${number}`);
    const release = await acquireFileLock(`${dir}.lock`);
    if (release) return { dir, release };
  }
  throw new Error(`${MAXIMUM_PARALLEL_RUNS} test commands are already running`);
}

/** Removes the servers and data of an earlier command, so that the tests start with empty servers. */
async function startServers(dir: string): Promise<LocalStack> {
  await stopRunning(dir, ({ component }) => say(`${component.padEnd(10)} of an interrupted command stopped`));
  rmSync(dir, { recursive: true, force: true });
  const stack = createLocalStack({ dir, ports: PORTS, environment: process.env, report: say });
  await stack.start();
  return stack;
}

/** Builds the applications, so that the tests run what an operator would run. True on success. */
function buildApplications(): boolean {
  const from = performance.now();
  const nx = join(ROOT, 'node_modules/.bin/nx');
  const result = spawnSync(nx, ['run-many', '-t', 'build', '--output-style=static'], {
    cwd: ROOT,
    env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' },
    encoding: 'utf8',
  });
  if (result.status === 0) {
    say(`applications built in ${secondsSince(from)}`);
    return true;
  }
  say(`${result.stdout}\n${result.stderr}\nbuilding the applications failed`);
  return false;
}

async function runTiers(request: TestRequest, environment: Record<string, string | undefined>): Promise<Totals> {
  const all: Totals[] = [];
  const lines: string[] = [];
  for (const tier of request.tiers) {
    const from = performance.now();
    say(`\n--- ${tier} ---`);
    const outcome = await runJest(tier, request, environment, ROOT);
    const totals = countOutcome(outcome);
    all.push(totals);
    lines.push(`${tier.padEnd(5)} ${formatTotals(totals)} (${secondsSince(from)})`);
    if (!outcome.report) lines.push(`      no report: Jest ended with ${outcome.code ?? 'a signal'}`);
    const skipped = skippedTests(outcome.report, ROOT);
    lines.push(...skipped.slice(0, SHOWN_SKIPPED).map((name) => `      skipped: ${name}`));
    if (skipped.length > SHOWN_SKIPPED) lines.push(`      and ${skipped.length - SHOWN_SKIPPED} more`);
  }
  say(`\n${lines.join('\n')}`);
  return addTotals(all);
}

/** On CI no test may be skipped because a program is missing. */
function failuresOfMissing(missing: readonly string[]): number {
  if (missing.length === 0 || !process.env['CI']) return 0;
  say(`FAILED: CI needs every program; missing: ${missing.join(', ')}`);
  return missing.length;
}

async function runWithServers(request: TestRequest): Promise<Totals> {
  const claim = await claimStackDir();
  // The servers run in their own session, so this command must stop them however it ends.
  // The end-to-end tests stop their own servers unless they are interrupted.
  const stackDirs = ['', '-e2e', '-e2e-prometheus', '-chaos'].map((own) => `${claim.dir}${own}`);
  const stopAll = async (): Promise<void> => {
    await stopAllLeftBehind(join(`${claim.dir}-e2e`, 'processes'));
    for (const dir of stackDirs) await stopRunning(dir, () => undefined);
  };
  let starting: Promise<LocalStack> | undefined;
  const stopInterrupted = async (): Promise<void> => {
    await stopJest();
    await settled(starting);
    await stopAll();
  };
  onInterruption({
    stop: () => void stopInterrupted().finally(() => process.exit(INTERRUPTED_EXIT_CODE)),
    stackDirs,
  });
  try {
    const programs = await provideTestPrograms(say);
    const stack = await (starting = startServers(claim.dir));
    const built = buildApplications();
    const environment = {
      ...process.env,
      ...programs.environment,
      ...stack.environment(),
      TRIPLINE_TEST_STACK_DIR: claim.dir,
    };
    const totals = await runTiers(request, environment);
    const failed = (built ? 0 : 1) + failuresOfMissing(programs.missing);
    return addTotals([totals, { passed: 0, failed, skipped: 0 }]);
  } finally {
    const from = performance.now();
    await stopAll();
    say(`servers stopped in ${secondsSince(from)}`);
    claim.release();
  }
}

async function main(): Promise<void> {
  const from = performance.now();
  const request = parseRequest(process.argv.slice(2));
  const totals = needsServers(request.tiers) ? await runWithServers(request) : await runTiers(request, process.env);
  say(`total time ${secondsSince(from)}`);
  if (totals.passed + totals.failed === 0) say('no test ran, which counts as a failure');
  say(formatTotals(totals));
  process.exitCode = isGood(totals) ? 0 : 1;
}

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  say(formatTotals({ passed: 0, failed: 1, skipped: 0 }));
  process.exitCode = 1;
});
