import type { Component } from './component';

export interface IntervalLoopOptions {
  readonly name: string;
  /** Time before the first round and between rounds, ms. */
  readonly intervalMs: number;
  /** One round. A long round calls `isStopping` between its parts and ends early when it returns true. */
  readonly run: (isStopping: () => boolean) => Promise<void>;
  /** Called when a round failed; the loop continues. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * Repeats the same work, one round at a time. When a round outlasts the interval, rounds that would overlap it are skipped.
 * `stop()` waits for the round in progress.
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
