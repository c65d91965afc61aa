import type { FaultId } from '../faults/matrix';
import type { SimulationReport } from '../simulation/simulate';
import type { PhaseResult } from '../run-phase';

/** Figures of the faults of one kind. */
export interface KindSummary {
  readonly count: number;
  readonly problems: number;
  /** Seconds until the interrupted work resumed; null if not measured. */
  readonly recovery: { readonly p50: number; readonly p99: number; readonly max: number } | null;
}

/** The last output line of the command. */
export interface ChaosSummary {
  readonly faults: number;
  readonly lost: number;
  readonly doubled: number;
  readonly stuck: number;
  /** Violations of other guarantees. */
  readonly broken: number;
  readonly zombieWritesRejected: number;
  readonly seed: number;
  readonly seconds: number;
  readonly signals: number;
  readonly decisions: number;
  readonly executions: number;
  readonly orders: number;
  readonly byFault: Readonly<Partial<Record<FaultId, KindSummary>>>;
  /** F23; null if not requested. */
  readonly simulation: SimulationReport | null;
  /** How often each failpoint actually ended a process. */
  readonly failpoints: Readonly<Record<string, number>>;
  /** Processes that ended unexpectedly, by name and exit code. */
  readonly unasked: Readonly<Record<string, number>>;
}

export function summarise(
  phases: readonly PhaseResult[],
  fired: Readonly<Record<string, number>>,
  run: { readonly seed: number; readonly seconds: number; readonly simulation: SimulationReport | null },
): ChaosSummary {
  const records = phases.flatMap(({ faults }) => faults);
  const kinds = [...new Set(records.map(({ fault }) => fault))].sort(byNumber);
  const total = (read: (phase: PhaseResult) => number): number => phases.reduce((sum, phase) => sum + read(phase), 0);
  return {
    faults: records.length,
    lost: total(({ summary }) => summary.lost) + (run.simulation?.lost ?? 0),
    doubled: total(({ summary }) => summary.doubled) + (run.simulation?.doubled ?? 0),
    stuck:
      total(({ summary, quietSeconds }) => summary.stuck + (quietSeconds === null ? 1 : 0)) +
      (run.simulation?.stuck ?? 0),
    broken: total(({ summary }) => summary.broken) + (run.simulation?.broken ?? 0),
    zombieWritesRejected: total((phase) => phase.zombieWritesRejected),
    ...run,
    signals: total(({ figures }) => figures['signals'] ?? 0),
    decisions: total(({ figures }) => figures['decisions'] ?? 0),
    executions: total(({ figures }) => figures['executions'] ?? 0),
    orders: total(({ figures }) => figures['orders'] ?? 0),
    byFault: Object.fromEntries(
      kinds.map((kind) => [kind, summariseKind(records.filter(({ fault }) => fault === kind))] as const),
    ),
    failpoints: fired,
    unasked: countBy(phases.flatMap(({ unasked }) => unasked)),
  };
}

const byNumber = (a: string, b: string): number => Number(a.slice(1)) - Number(b.slice(1));

function summariseKind(records: readonly PhaseResult['faults'][number][]): KindSummary {
  const times = records.flatMap(({ recoverySeconds }) => (recoverySeconds === null ? [] : [recoverySeconds]));
  return {
    count: records.length,
    problems: records.filter(({ problem }) => problem !== null).length,
    recovery:
      times.length === 0 ? null : { p50: quantile(times, 0.5), p99: quantile(times, 0.99), max: quantile(times, 1) },
  };
}

/** Nearest rank, one decimal. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return Math.round(value * 10) / 10;
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
