import { type CheckId, describeViolation } from '@tripline/audit';
import { runSeed, type SeedResult } from './run-seed';
import type { Wiring } from './system';

export interface SimulationOptions {
  /** How many seeds. */
  readonly seeds: number;
  /** The first seed; default 1. */
  readonly from?: number | undefined;
  /** Called after every seed. */
  readonly onProgress?: ((progress: { readonly done: number; readonly failed: number }) => void) | undefined;
  /** Stops at the first matching failure; by default at the tenth failure. */
  readonly stopWhen?: ((failure: SeedFailure) => boolean) | undefined;
  /** Default: the system as it is in production; tests plant bugs. */
  readonly wiring?: Wiring | undefined;
}

export interface SeedFailure {
  readonly seed: number;
  readonly checks: readonly CheckId[];
  readonly findings: readonly string[];
  /** The command that replays this seed, event by event. */
  readonly replay: string;
}

export interface SimulationReport {
  readonly seeds: number;
  readonly seconds: number;
  readonly events: number;
  readonly signals: number;
  readonly executions: number;
  readonly orders: number;
  /** Writes of workers without their lease. All were denied, unless A7 reports otherwise. */
  readonly zombieWrites: number;
  readonly lost: number;
  readonly doubled: number;
  readonly stuck: number;
  readonly broken: number;
  /** From the last fault until all work had finished, virtual ms. */
  readonly restMs: { readonly median: number; readonly p99: number; readonly max: number };
  readonly failures: readonly SeedFailure[];
}

const MAX_FINDINGS = 5;
const MAX_FAILURES = 10;

/** Runs one seed after the other, each in its own world. */
export async function runSimulation(options: SimulationOptions): Promise<SimulationReport> {
  const { seeds, from = 1, onProgress, wiring } = options;
  const startedAt = performance.now();
  const totals = { events: 0, signals: 0, executions: 0, orders: 0, zombieWrites: 0 };
  const harm = { lost: 0, doubled: 0, stuck: 0, broken: 0 };
  const rests: number[] = [];
  const failures: SeedFailure[] = [];
  const stopWhen = options.stopWhen ?? (() => failures.length >= MAX_FAILURES);
  let done = 0;
  let isStopped = false;
  for (let seed = from; seed < from + seeds && !isStopped; seed += 1) {
    const result = await runSeed({ seed, wiring });
    done += 1;
    addTotals(totals, result);
    for (const kind of ['lost', 'doubled', 'stuck', 'broken'] as const) harm[kind] += result.summary[kind];
    if (result.restedAfterMs !== null) rests.push(result.restedAfterMs);
    if (result.violations.length > 0) {
      const failure = failureOf(result);
      failures.push(failure);
      isStopped = stopWhen(failure);
    }
    onProgress?.({ done, failed: failures.length });
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { seeds: done, seconds, ...totals, ...harm, restMs: quantiles(rests), failures };
}

/** Replays one seed with its trace. */
export async function replaySeed(seed: number): Promise<SeedResult> {
  return runSeed({ seed, keepTrace: true });
}

function addTotals(
  totals: { events: number; signals: number; executions: number; orders: number; zombieWrites: number },
  { events, snapshot }: SeedResult,
): void {
  totals.events += events;
  totals.signals += snapshot.records.length;
  totals.executions += snapshot.executions.length;
  totals.orders += snapshot.broker.filter(({ accepted }) => accepted).length;
  totals.zombieWrites += snapshot.zombies?.attempted ?? 0;
}

function failureOf({ seed, violations }: SeedResult): SeedFailure {
  return {
    seed,
    checks: [...new Set(violations.map(({ check }) => check))],
    findings: violations.slice(0, MAX_FINDINGS).map(describeViolation),
    replay: `npm run chaos -- --sim-seed ${seed}`,
  };
}

function quantiles(values: readonly number[]): SimulationReport['restMs'] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { median: at(0.5), p99: at(0.99), max: at(1) };
}
