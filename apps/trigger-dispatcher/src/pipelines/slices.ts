/** Longest time that work holds the event loop, ms, but for its last piece. */
const SLICE_MS = 2;
/** Reading the clock costs more than a small piece of work. */
const PIECES_PER_LOOK = 8;

export interface Slices {
  /** To be awaited after each small piece of work: returns undefined at once until the slice is used up. */
  next(): Promise<void> | undefined;
}

/** Cuts long work into slices of the event loop, so that nothing else waits long for it. */
export function createSlices(monotonicMs: () => number, yieldToLoop: () => Promise<void>): Slices {
  let pieces = 0;
  let startedAtMs = monotonicMs();
  const pause = async (): Promise<void> => {
    await yieldToLoop();
    startedAtMs = monotonicMs();
  };
  return {
    next() {
      pieces += 1;
      if (pieces % PIECES_PER_LOOK !== 0 || monotonicMs() - startedAtMs < SLICE_MS) return undefined;
      return pause();
    },
  };
}
