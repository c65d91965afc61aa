import type { ChunkReport } from '../dispatches/stages';

/** Running totals of a replay. */
export interface ReplayTally {
  readonly records: number;
  readonly dead: number;
  /** Pairs of signal and pipeline that the decision log already had. */
  readonly alreadyDecided: number;
  readonly newlyDecided: number;
  readonly newByOutcome: Readonly<Record<string, number>>;
  readonly executions: number;
}

export function createReplayTally(): { add(report: ChunkReport): void; read(): ReplayTally } {
  const counts = { records: 0, dead: 0, alreadyDecided: 0, newlyDecided: 0, executions: 0 };
  const newByOutcome = new Map<string, number>();
  return {
    add({ chunk, result, matched, deadReasons }) {
      const pairs = [...matched.values()].reduce((sum, count) => sum + count, 0);
      counts.records += chunk.messages.length;
      counts.dead += deadReasons.length;
      counts.newlyDecided += result.decisions.length;
      counts.alreadyDecided += Math.max(0, pairs - result.decisions.length);
      counts.executions += result.created.length;
      for (const { outcome } of result.decisions) newByOutcome.set(outcome, (newByOutcome.get(outcome) ?? 0) + 1);
    },
    read: () => ({ ...counts, newByOutcome: Object.fromEntries([...newByOutcome].sort()) }),
  };
}

/** The summary lines of a replay. */
export function describeReplay(tally: ReplayTally, seconds: number, isDryRun: boolean): readonly string[] {
  const n = (value: number): string => value.toLocaleString('en-US');
  const outcomes = Object.entries(tally.newByOutcome).map(([outcome, count]) => `${outcome} ${n(count)}`);
  return [
    `records          ${n(tally.records)}, dead ${n(tally.dead)}, in ${seconds.toFixed(1)} s`,
    `decided before   ${n(tally.alreadyDecided)} pairs`,
    `${isDryRun ? 'would be decided' : 'decided now     '} ${n(tally.newlyDecided)} pairs${outcomes.length === 0 ? '' : `: ${outcomes.join(', ')}`}`,
    `${isDryRun ? 'would be started' : 'started         '} ${n(tally.executions)} executions`,
  ];
}
