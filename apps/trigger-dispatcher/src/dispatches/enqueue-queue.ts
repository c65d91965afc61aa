import type { Component } from '@tripline/runtime';

import type { Enqueueable } from './dispatch-triggers';

export interface EnqueueQueueOptions {
  /** Never throws: see `createEnqueuer`. */
  readonly enqueue: (executions: readonly Enqueueable[]) => Promise<unknown>;
  /** Executions in one call of `enqueue` at most. */
  readonly maxPerCall?: number;
  /** Calls under way at once: while one marks its executions in Postgres, the next one adds its jobs to Redis. */
  readonly callsAtOnce?: number;
  /** Executions that may wait before `add` does. */
  readonly maxWaiting?: number;
}

/** Takes executions over from the deciding path, so that the next chunk is decided while jobs go to Redis. */
export interface EnqueueQueue extends Component {
  /** Resolves at once, or when there is room again. What is under way when the process dies belongs to the sweeper. */
  add(executions: readonly Enqueueable[]): Promise<void>;
}

const MAX_PER_CALL = 1_000;
const CALLS_AT_ONCE = 2;
const MAX_WAITING = 5_000;

/**
 * Creates the queue in front of the queue. A quiet system's jobs go out at once; under load what waits is joined into large
 * calls. Bounded: at `maxWaiting` the intake waits. `stop()` empties it.
 */
export function createEnqueueQueue(options: EnqueueQueueOptions): EnqueueQueue {
  const { enqueue, maxPerCall = MAX_PER_CALL, callsAtOnce = CALLS_AT_ONCE, maxWaiting = MAX_WAITING } = options;
  let waiting: Enqueueable[] = [];
  let calls = 0;
  let onRoom: (() => void)[] = [];

  const pump = (): void => {
    while (calls < callsAtOnce && waiting.length > 0) {
      const next = waiting.slice(0, maxPerCall);
      waiting = waiting.slice(maxPerCall);
      calls += 1;
      void enqueue(next).finally(() => {
        calls -= 1;
        pump();
        wake();
      });
    }
  };
  const wake = (): void => {
    if (waiting.length > maxWaiting) return;
    const resolvers = onRoom;
    onRoom = [];
    for (const resolve of resolvers) resolve();
  };
  const untilChanged = (): Promise<void> => new Promise((resolve) => onRoom.push(resolve));

  return {
    name: 'enqueue-queue',
    start: () => Promise.resolve(),
    async stop() {
      while (calls > 0) await untilChanged();
    },
    async add(executions) {
      if (executions.length === 0) return;
      waiting = waiting.concat(executions);
      pump();
      while (waiting.length > maxWaiting) await untilChanged();
    },
  };
}
