/** Time as a parameter. */
export interface Clock {
  /** Unix time in milliseconds; may jump. */
  now(): number;
  /** Milliseconds since an arbitrary start; never goes back, for measuring durations. */
  monotonicMs(): number;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** A clock that only moves when told. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

/** Creates a manual clock that starts at `nowMs` (default: 2026-01-01T00:00:00Z). */
export function createManualClock(nowMs = Date.UTC(2026, 0, 1)): ManualClock {
  let elapsedMs = 0;
  return {
    now: () => nowMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    advance: (ms) => {
      elapsedMs += ms;
    },
  };
}
