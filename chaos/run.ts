import { parseArguments, USAGE, UsageError } from './options';
import { FAULTS, DOSES, type FaultId } from './faults/matrix';
import { firedPoints } from './faults/failpoints';
import { createMulberry32 } from '@tripline/runtime';
import { replaySimulatedSeed, simulateSeeds } from './faults/simulated-seeds';
import { planPhases } from './plan';
import { writeDocument } from './report/document';
import { openResults } from './report/results';
import { summarise } from './report/summary';
import { type PhaseResult, runPhase } from './run-phase';
import { buildApps } from './system/build-apps';
import { stackDirOf, startServers } from './system/servers';
import { INTERRUPTED_EXIT_CODE, onInterruption, settled, stopRunning } from '../tools/local-stack';

const startedAt = performance.now();

const secondsSince = (from: number): number => Math.round((performance.now() - from) / 1000);

function say(line: string): void {
  const elapsed = (performance.now() - startedAt) / 1000;
  process.stdout.write(`${elapsed.toFixed(1).padStart(7)} s  ${line}\n`);
}

function list(): void {
  const cell = (value: number | undefined): string => String(value ?? '-').padStart(8);
  process.stdout.write(`row        pr  nightly  what\n`);
  for (const row of Object.keys(FAULTS) as FaultId[]) {
    process.stdout.write(`${row.padEnd(4)} ${cell(DOSES.pr[row])} ${cell(DOSES.nightly[row])}  ${FAULTS[row]}\n`);
  }
}

/** Stops the servers when interrupted, even during their start. Child processes end with this one. */
async function stopAll(name: string, starting: Promise<unknown>): Promise<void> {
  await settled(starting);
  await stopRunning(stackDirOf(name), () => undefined);
}

async function main(): Promise<void> {
  const request = parseArguments(process.argv.slice(2));
  if (request.kind === 'help') return void process.stdout.write(`${USAGE}\n`);
  if (request.kind === 'list') return list();
  if (request.kind === 'replay') return void (process.exitCode = await replaySimulatedSeed(request.seed));
  const { seed, doses } = request;
  buildApps(say);
  const starting = startServers({ name: request.name, random: createMulberry32(seed), report: say });
  onInterruption({
    stop: () => void stopAll(request.name, starting).finally(() => process.exit(INTERRUPTED_EXIT_CODE)),
    stackDirs: [stackDirOf(request.name)],
  });
  const servers = await starting;
  const simulation = doses.F23 === undefined ? null : simulateSeeds(seed, doses.F23);
  // Awaited after everything else.
  simulation?.catch(() => undefined);
  const kept = openResults(request.dose);
  // Written after every phase, so that an interrupted command keeps its results so far.
  const write = (): void => {
    if (request.write && request.dose !== 'faults') writeDocument(kept.summary(), request.dose);
  };
  const results: PhaseResult[] = [];
  const fired: Record<string, number> = {};
  try {
    for (const [index, phase] of planPhases(doses, { isSmall: request.dose !== 'nightly' }).entries()) {
      const from = performance.now();
      const result = await runPhase(phase, { servers, seed: seed + index, report: say });
      const ofPhase = firedPoints(result.evidenceFile);
      for (const [point, count] of ofPhase) fired[point] = (fired[point] ?? 0) + count;
      results.push(result);
      kept.keep({ seed, seconds: secondsSince(from), fired: Object.fromEntries(ofPhase), result });
      write();
    }
  } finally {
    await servers.stop();
  }
  const simulated = await simulation;
  if (simulated !== null) kept.keepSimulation(simulated);
  write();
  const summary = summarise(results, fired, { seed, seconds: secondsSince(startedAt), simulation: simulated });
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  process.exitCode = summary.lost + summary.doubled + summary.stuck + summary.broken === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof UsageError ? `${error.message}\n\n${USAGE}` : String((error as Error).stack)}\n`,
  );
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
