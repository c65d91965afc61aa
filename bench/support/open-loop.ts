import { setTimeout as wait } from 'node:timers/promises';

/** A clock and a way to wait, so that the schedule can be tested. */
export interface LoadClock {
  /** Milliseconds, monotonic. */
  now(): number;
  wait(ms: number): Promise<unknown>;
}

export interface OpenLoopOptions {
  readonly ratePerSecond: number;
  readonly seconds: number;
  /**
   * Sends events `from`..`to - 1`, all due now. It must not be waited for: the next ones are sent when their time has come,
   * whatever became of these.
   */
  readonly send: (from: number, to: number) => void;
  readonly signal?: AbortSignal;
  readonly clock?: LoadClock;
}

const TICK_MS = 1;
const SYSTEM: LoadClock = { now: () => performance.now(), wait: async (ms) => wait(ms) };

/** When event `index` of a load is due, ms after its begin. */
export function dueMs(index: number, ratePerSecond: number): number {
  return (index * 1_000) / ratePerSecond;
}

/** How many events of a load are due `elapsedMs` after its begin: the first at once. */
export function countDue(elapsedMs: number, ratePerSecond: number): number {
  return elapsedMs < 0 ? 0 : Math.floor((elapsedMs * ratePerSecond) / 1_000) + 1;
}

/**
 * Offers a load at a fixed rate, whether or not the system keeps up (an open loop). Each event has a scheduled time, `startedAt +
 * dueMs(index)`, and latency counts from there, not from when it was really sent: a system that stalls the sender cannot hide the
 * events that waited meanwhile (coordinated omission).
 * @returns the clock's time of the begin, and how many events were due
 */
export async function runOpenLoop(options: OpenLoopOptions): Promise<{ startedAt: number; count: number }> {
  const { ratePerSecond, seconds, send, signal, clock = SYSTEM } = options;
  const count = Math.floor(ratePerSecond * seconds);
  const startedAt = clock.now();
  for (let sent = 0; sent < count;) {
    signal?.throwIfAborted();
    const due = Math.min(count, countDue(clock.now() - startedAt, ratePerSecond));
    if (due > sent) send(sent, due);
    sent = due;
    if (sent < count) await clock.wait(TICK_MS);
  }
  return { startedAt, count };
}
