import { sqlList } from '@tripline/database';
import { createMulberry32 } from '@tripline/runtime';
import { INTENT_LIFECYCLE } from '@tripline/trading';

import { collectSnapshot, readJobs } from './snapshot/collect-snapshot';
import {
  type AuditSnapshot,
  checkSnapshot,
  type CheckOptions,
  type CheckSummary,
  describeViolation,
} from '@tripline/audit';
import { createFaultLog, type FaultRecord } from './faults/fault-log';
import type { Lane } from './faults/lane';
import { secondsUntil, untilRunsEnd } from './faults/recovery';
import { readSettlement } from '../tools/accounting/settlement';
import type { SystemOptions } from './system/system-options';
import { createTradingSystem, type TradingSystem } from './system/trading-system';

/** A group of faults injected into one system and checked together at the end. */
export interface Phase {
  readonly name: string;
  /** Creates and launches additional processes. */
  readonly prepare?: (system: TradingSystem) => Promise<void>;
  /** These run in parallel. */
  readonly lanes: readonly Lane[];
  readonly check?: CheckOptions;
  /** Adds what the audit snapshot cannot know, e.g. records that left the log. */
  readonly adjust?: (snapshot: AuditSnapshot) => AuditSnapshot;
  readonly system?: Pick<SystemOptions, 'env' | 'atDefaults' | 'venues'>;
}

/** The result of a phase. */
export interface PhaseResult {
  readonly name: string;
  readonly faults: readonly FaultRecord[];
  readonly summary: CheckSummary;
  readonly violations: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
  /** Seconds from the end of the load until all work had finished; null if it never did. */
  readonly quietSeconds: number | null;
  readonly zombieWritesRejected: number;
  /** Unexpected process exits, e.g. `worker-1: exit 1`. */
  readonly unasked: readonly string[];
  readonly evidenceFile: string;
}

export interface PhaseOptions {
  readonly servers: SystemOptions['servers'];
  readonly seed: number;
  readonly report: (line: string) => void;
}

const QUIET_DEADLINE_MS = 90_000;
const SHOWN_VIOLATIONS = 20;

/** Runs one phase, from creating its names to checking the audit snapshot. */
export async function runPhase(phase: Phase, options: PhaseOptions): Promise<PhaseResult> {
  const report = (line: string): void => options.report(`${phase.name}: ${line}`);
  const system = await createTradingSystem({
    servers: options.servers,
    phase: phase.name,
    seed: options.seed,
    ...phase.system,
  });
  const log = createFaultLog(report);
  try {
    await launchUsual(system);
    await phase.prepare?.(system);
    await secondsUntil(async () => (await untilRunsEnd(system)) !== null);
    const from = performance.now();
    await Promise.all(
      phase.lanes.map((lane, index) =>
        lane({ system, log, report, random: createMulberry32(options.seed * 1000 + index) }),
      ),
    );
    report(`${log.records.length} faults in ${seconds(from)}`);
    const quietSeconds = await comeToRest(system);
    report(
      quietSeconds === null ? 'work did not finish in time' : `all work finished after ${quietSeconds.toFixed(1)} s`,
    );
    return await checkPhase(phase, system, log.records, quietSeconds, report);
  } finally {
    await system.dispose();
  }
}

const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(0)} s`;

/** The processes of every phase: two dispatchers, two workers, the real generator and the load publisher. */
async function launchUsual(system: TradingSystem): Promise<void> {
  const usual = [
    await system.add('broker', 'broker'),
    await system.add('dispatcher', 'dispatcher-1'),
    await system.add('dispatcher', 'dispatcher-2'),
    await system.add('worker', 'worker-1'),
    await system.add('worker', 'worker-2'),
    await system.add('generator', 'generator'),
    await system.add('load', 'load'),
  ];
  for (const process of usual) process.launch();
  await Promise.all(usual.map((process) => process.untilReady()));
}

/** Ends the load, waits for all work to finish, then stops the processes. Returns the seconds until all work had finished. */
async function comeToRest(system: TradingSystem): Promise<number | null> {
  await Promise.all([...system.all('load'), ...system.all('generator')].map((process) => process.retire()));
  const from = performance.now();
  const quiet = await secondsUntil(
    async () => {
      const { isSettled } = await readSettlement(system.admin, system.database, system.names.topic);
      if (!isSettled) return false;
      if (await hasOpenIntents(system)) return false;
      const jobs = await readJobs(system);
      return jobs.every(({ state }) => state === 'completed' || state === 'failed');
    },
    from,
    QUIET_DEADLINE_MS,
  );
  await Promise.all(system.processes.map((process) => process.retire()));
  return quiet;
}

/** An order with an unknown outcome; the workers query the broker for it after a while. */
async function hasOpenIntents({ database }: TradingSystem): Promise<boolean> {
  const text = `SELECT 1 AS one FROM order_intents WHERE state IN (${sqlList(INTENT_LIFECYCLE.open)}) LIMIT 1`;
  return (await database.query({ text })).length > 0;
}

async function checkPhase(
  phase: Phase,
  system: TradingSystem,
  faults: readonly FaultRecord[],
  quietSeconds: number | null,
  report: (line: string) => void,
): Promise<PhaseResult> {
  const from = performance.now();
  const collectedBooks = await collectSnapshot(system);
  const snapshot = phase.adjust?.(collectedBooks) ?? collectedBooks;
  const collected = seconds(from);
  const { violations, summary } = checkSnapshot(snapshot, phase.check);
  const lines = violations.slice(0, SHOWN_VIOLATIONS).map(describeViolation);
  for (const line of lines) report(line);
  const problems = faults.filter(({ problem }) => problem !== null).length;
  const figures = {
    signals: snapshot.published.length,
    records: snapshot.records.length,
    decisions: snapshot.decisionLog.length,
    executions: snapshot.executions.length,
    failed: snapshot.executions.filter(({ status }) => status === 'failed').length,
    orders: snapshot.broker.length,
    dead: snapshot.dead.length,
  };
  report(
    `${JSON.stringify(figures)}; collected in ${collected}, checked in ${seconds(from)}: ${JSON.stringify(summary)}`,
  );
  return {
    name: phase.name,
    faults,
    summary: { ...summary, stuck: summary.stuck + problems },
    violations: lines,
    figures,
    quietSeconds,
    zombieWritesRejected: snapshot.zombies?.rejected ?? 0,
    unasked: system.processes.flatMap(({ name, ends }) =>
      ends.filter(({ isAsked }) => !isAsked).map(({ code, signal }) => `${name}: ${signal ?? `exit ${code}`}`),
    ),
    evidenceFile: system.evidenceFile,
  };
}
