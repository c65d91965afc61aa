/** Longest time work may hold the event loop, ms; the last piece may exceed it. */
const SLICE_MS = 2;
/** Pieces between two clock reads, because reading the clock costs more than a small piece of work. */
const PIECES_PER_LOOK = 8;

export interface Slices {
  /** Await after each small piece of work; returns undefined at once until the slice is used up. */
  next(): Promise<void> | undefined;
}

/** Cuts long work into slices, so nothing else waits long for the event loop. */
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
