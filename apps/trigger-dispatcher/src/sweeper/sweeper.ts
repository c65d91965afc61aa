import type { SweepLimits, SweepResult, SweepStore } from '@tripline/persistence';

export interface SweeperOptions {
  readonly store: SweepStore;
  /** Adds the new generation's jobs and marks them; a failure leaves them to the next sweep. */
  readonly enqueue: (executions: SweepResult['requeue']) => Promise<void>;
  /** After how long a run without a worker counts as forgotten. */
  readonly limits: SweepLimits;
  readonly intervalMs: number;
  readonly onSwept: (result: SweepResult) => void;
  readonly onFailed: (error: unknown) => void;
}

/** Brings back, every few seconds, what a crash left without a job or under a dead lease. Any number may run. */
export function createSweeper(options: SweeperOptions): {
  name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
} {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  const sweepOnce = async (): Promise<void> => {
    try {
      const result = await options.store.sweep(options.limits);
      if (result.requeue.length > 0) await options.enqueue(result.requeue);
      options.onSwept(result);
    } catch (error) {
      options.onFailed(error);
    }
  };

  return {
    name: 'sweeper',
    start() {
      timer = setInterval(() => {
        running ??= sweepOnce().finally(() => (running = undefined));
      }, options.intervalMs);
      return Promise.resolve();
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
