/**
 * npm run bench                                   list the benches
 * npm run bench -- <name> [--seconds S] [--runs N] [--write] [--option value]…
 * npm run bench -- all [--runs N] [--write]       one after the other, on the same servers
 *
 * Progress goes to stderr; the last line of stdout is the result as one JSON object.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { acquireFileLock } from '../tools/bootstrap/file-lock.cjs';
import { onInterruption, settled } from '../tools/local-stack';
import { BENCHES } from './benches';
import { parseCall, UsageError } from './support/arguments';
import type { Bench, BenchResult } from './support/bench';
import { describeMachine, loadOfMachine, loadWarning } from './support/machine';
import { COMMON_FLAGS, runBench } from './support/run-bench';
import { BENCH_DIR, type BenchServers, ROOT, startServers, stopServers } from './support/servers';
import { keepResult, writeFigures } from './support/write-figures';

const report = (line: string): void => void process.stderr.write(`${line}\n`);

function printList(): void {
  console.log('npm run bench -- <name> [--seconds S] [--runs N] …\n');
  const width = Math.max(...BENCHES.map(({ name }) => name.length));
  for (const { name, description, flags } of BENCHES) {
    console.log(`  ${name.padEnd(width)}  ${description}`);
    for (const [flag, meaning] of Object.entries(flags ?? {})) {
      console.log(`  ${' '.repeat(width)}    --${flag}  ${meaning}`);
    }
  }
  console.log(`  ${'all'.padEnd(width)}  run every bench on the same servers`);
  console.log('\nEvery bench:');
  for (const [flag, meaning] of Object.entries(COMMON_FLAGS)) console.log(`  --${flag}  ${meaning}`);
}

function chooseBenches(name: string): readonly Bench[] {
  if (name === 'all') return BENCHES;
  const bench = BENCHES.find((candidate) => candidate.name === name);
  if (bench === undefined) {
    throw new UsageError(
      `unknown bench ${name}; the benches are ${BENCHES.map((candidate) => candidate.name).join(', ')}`,
    );
  }
  return [bench];
}

/** Aborts at the first Ctrl-C; a second one kills the servers and exits. */
function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  onInterruption({
    stop: (name) => {
      report(`${name}: stopping servers and services`);
      controller.abort(new UsageError('stopped'));
    },
    stackDirs: [BENCH_DIR],
  });
  return controller.signal;
}

function summaryOf(results: readonly BenchResult[]): Record<string, unknown> {
  const missed = results.filter(({ met }) => !met).map((result) => result.name);
  return { name: 'all', benches: results.length, met: missed.length === 0, missed };
}

async function main(args: readonly string[]): Promise<void> {
  const { name, values } = parseCall(args);
  if (name === undefined) return printList();
  const benches = chooseBenches(name);
  mkdirSync(join(ROOT, '.local'), { recursive: true });
  const unlock = await acquireFileLock(join(ROOT, '.local', 'bench.lock'), { waitMs: 0 });
  if (unlock === undefined) throw new UsageError('another bench is already running in this clone');
  const machine = describeMachine();
  const warning = loadWarning(loadOfMachine(), machine.cores);
  report(`${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, Node ${machine.node}`);
  if (warning !== undefined) report(warning);
  let servers: Promise<BenchServers> | undefined;
  const signal = abortOnSignals();
  try {
    const results: BenchResult[] = [];
    for (const bench of benches) {
      const result = await runBench(bench, {
        values,
        signal,
        report,
        servers: () => (servers ??= startServers(report)),
      });
      results.push(result);
      keepResult(result);
      console.log(JSON.stringify(result));
    }
    if (values.has('write')) writeFigures(BENCHES.map((bench) => bench.name));
    if (name === 'all') console.log(JSON.stringify(summaryOf(results)));
  } finally {
    // An interruption may arrive during start-up.
    await settled(servers);
    if (servers !== undefined) await stopServers();
    unlock();
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    report(error instanceof UsageError ? error.message : String(error instanceof Error ? error.stack : error));
    process.exit(1);
  },
);
