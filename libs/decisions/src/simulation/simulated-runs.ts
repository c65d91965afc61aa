import type { ActiveRun, DecidedTrigger, PipelineState } from '../decision';

/** The unfinished runs of a simulated pipeline: each is assumed to last equally long once it has its place. */
export class SimulatedRuns {
  /** When runs that hold a place end, epoch ms by execution. */
  readonly #ends = new Map<string, number>();

  /** @param runMs how long a run lasts, ms */
  constructor(private readonly runMs: number) {}

  /** A run that was just decided; one that waits starts when its turn comes. */
  add({ run }: DecidedTrigger, nowMs: number): void {
    if (run !== null && run.slot !== null) this.#ends.set(run.executionId, nowMs + this.runMs);
  }

  /** When the next run ends; null when none holds a place. */
  nextEnd(state: PipelineState): number | null {
    const ends = state.runs.flatMap(({ executionId }) => this.#ends.get(executionId) ?? []);
    return ends.length === 0 ? null : Math.min(...ends);
  }

  /** The state after the runs that end by `nowMs`, those that waited for their places promoted in their turn. */
  endUntil(state: PipelineState, nowMs: number): PipelineState {
    let runs = state.runs;
    for (;;) {
      const due = runs
        .filter((run) => (this.#ends.get(run.executionId) ?? Infinity) <= nowMs)
        .sort((a, b) => this.#endOf(a) - this.#endOf(b))[0];
      if (due === undefined) return runs === state.runs ? state : { ...state, runs };
      runs = this.#end(due, runs);
    }
  }

  #endOf({ executionId }: ActiveRun): number {
    return this.#ends.get(executionId) ?? Infinity;
  }

  #end(ended: ActiveRun, runs: readonly ActiveRun[]): readonly ActiveRun[] {
    const atMs = this.#endOf(ended);
    this.#ends.delete(ended.executionId);
    const left = runs.filter((run) => run !== ended && !(run.slot === null && (run.expiresAtMs ?? Infinity) <= atMs));
    const next = left.find((run) => run.slot === null && run.overlapKey === ended.overlapKey);
    if (next === undefined) return left;
    this.#ends.set(next.executionId, atMs + this.runMs);
    return left.map((run) => (run === next ? { ...run, slot: ended.slot, expiresAtMs: null } : run));
  }
}
