import type { ActiveRun, DecidedTrigger, PipelineState } from '../decision';

/** The unfinished executions of a simulated pipeline. Each is assumed to last equally long once it has a slot. */
export class SimulatedRuns {
  /** When executions that hold a slot end, epoch ms by execution. */
  readonly #ends = new Map<string, number>();

  /** @param runMs how long an execution lasts, ms */
  constructor(private readonly runMs: number) {}

  /** Adds an execution that was just decided. One that waits starts when it gets a slot. */
  add({ run }: DecidedTrigger, nowMs: number): void {
    if (run !== null && run.slot !== null) this.#ends.set(run.executionId, nowMs + this.runMs);
  }

  /** When the next execution ends; null when none holds a slot. */
  nextEnd(state: PipelineState): number | null {
    const ends = state.runs.flatMap(({ executionId }) => this.#ends.get(executionId) ?? []);
    return ends.length === 0 ? null : Math.min(...ends);
  }

  /** The state after the executions that end by `nowMs`, with waiting executions promoted in queue order. */
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
