import type { Component } from './component';

export interface IntervalLoopOptions {
  readonly name: string;
  /** From the start to the first round, and from round to round, ms. */
  readonly intervalMs: number;
  /** One round. A long one asks `isStopping` between its parts and ends early when it is true. */
  readonly run: (isStopping: () => boolean) => Promise<void>;
  /** A round failed; the next one comes all the same. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * Does the same thing again and again, one round at a time: where a round outlasts the interval, rounds that would overlap it
 * are left out. `stop()` waits for the round under way.
 */
export function createIntervalLoop({ name, intervalMs, run, onFailed }: IntervalLoopOptions): Component {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let stopping = false;

  const round = async (): Promise<void> => {
    try {
      await run(() => stopping);
    } catch (error) {
      onFailed(error);
    }
  };

  return {
    name,
    start() {
      timer = setInterval(() => {
        running ??= round().finally(() => (running = undefined));
      }, intervalMs);
      return Promise.resolve();
    },
    async stop() {
      stopping = true;
      clearInterval(timer);
      await running;
    },
  };
}
