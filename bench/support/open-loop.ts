import { setTimeout as wait } from 'node:timers/promises';

/** A clock and a way to wait; tests replace them. */
export interface LoadClock {
  /** Milliseconds, monotonic. */
  now(): number;
  wait(ms: number): Promise<unknown>;
}

export interface OpenLoopOptions {
  readonly ratePerSecond: number;
  readonly seconds: number;
  /**
   * Sends events `from`..`to - 1`, all due now. Must not be awaited: later events are sent on time whatever the outcome of
   * these.
   */
  readonly send: (from: number, to: number) => void;
  readonly signal?: AbortSignal;
  readonly clock?: LoadClock;
}

const TICK_MS = 1;
const SYSTEM: LoadClock = { now: () => performance.now(), wait: async (ms) => wait(ms) };

/** Due time of event `index` of a load, ms after its start. */
export function dueMs(index: number, ratePerSecond: number): number {
  return (index * 1_000) / ratePerSecond;
}

/** How many events of a load are due `elapsedMs` after its start; the first is due at once. */
export function countDue(elapsedMs: number, ratePerSecond: number): number {
  return elapsedMs < 0 ? 0 : Math.floor((elapsedMs * ratePerSecond) / 1_000) + 1;
}

/**
 * Offers a load at a fixed rate, whether or not the system keeps up (an open loop). Each event has a scheduled time, `startedAt +
 * dueMs(index)`, and latency counts from that time rather than from the actual sending. A system that stalls the sender therefore
 * cannot hide the waiting events (coordinated omission).
 * @returns the start time by the clock, and how many events were due
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
