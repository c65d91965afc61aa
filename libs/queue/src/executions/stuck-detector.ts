/**
 * Detects a worker that stopped taking jobs without an error (known after failovers and reconnects): jobs wait, none is active
 * here, and none became active for a while. Jobs running here count as progress, however long they take.
 */
export class StuckDetector {
  readonly #stuckAfterMs: number;
  readonly #monotonicMs: () => number;
  #quietSince: number;
  #hasReported = false;
  #waiting = 0;

  constructor(stuckAfterMs: number, monotonicMs: () => number) {
    this.#stuckAfterMs = stuckAfterMs;
    this.#monotonicMs = monotonicMs;
    this.#quietSince = monotonicMs();
  }

  /** Waiting jobs at the last observation. */
  get waiting(): number {
    return this.#waiting;
  }

  /** A job became active. */
  reset(): void {
    this.#quietSince = this.#monotonicMs();
  }

  /** Returns true once, when the worker counts as stuck. */
  observe(waiting: number, active: number): boolean {
    this.#waiting = waiting;
    if (waiting === 0 || active > 0) this.reset();
    if (this.#hasReported || this.#monotonicMs() - this.#quietSince <= this.#stuckAfterMs) return false;
    this.#hasReported = true;
    return true;
  }
}
