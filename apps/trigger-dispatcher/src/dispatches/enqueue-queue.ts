import type { Component } from '@tripline/runtime';

import type { Enqueueable, EnqueueSteps } from './dispatch-triggers';

export interface EnqueueQueueOptions {
  readonly steps: EnqueueSteps;
  /** Executions in one call at most. */
  readonly maxPerCall?: number;
  /** Calls to Redis under way at once. */
  readonly callsAtOnce?: number;
  /** Executions that may wait for their jobs or their marks before `add` waits. */
  readonly maxWaiting?: number;
  /** Marks are joined for so long, ms: each call is a commit, and the sweeper, whom they tell, is not in a hurry. */
  readonly markIntervalMs?: number;
}

/** Takes executions over from the deciding path, so that the next chunk is decided while jobs go to Redis. */
export interface EnqueueQueue extends Component {
  /** Resolves at once, or when there is room again. What is under way when the process dies belongs to the sweeper. */
  add(executions: readonly Enqueueable[]): Promise<void>;
}

const MAX_PER_CALL = 1_000;
const CALLS_AT_ONCE = 2;
const MAX_WAITING = 5_000;
const MARK_INTERVAL_MS = 100;
/** Of one statement: claims of the same runs wait for it. */
const MOST_MARKS = 250;

/**
 * Creates the queue in front of the queue. A quiet system's jobs go out at once; under load what waits is joined into large
 * calls. Marks follow beside, so that no job waits for the commit that marks another. Bounded: at `maxWaiting` the intake
 * waits. `stop()` empties it.
 */
export function createEnqueueQueue(options: EnqueueQueueOptions): EnqueueQueue {
  return new TwoStepQueue(options);
}

class TwoStepQueue implements EnqueueQueue {
  readonly name = 'enqueue-queue';
  readonly #steps: EnqueueSteps;
  readonly #limits: Required<Omit<EnqueueQueueOptions, 'steps'>>;
  #waiting: Enqueueable[] = [];
  #unmarked: Enqueueable[] = [];
  #calls = 0;
  #isMarking = false;
  #isPumpDue = false;
  #isStopping = false;
  #onChange: (() => void)[] = [];
  #wakeMarker: () => void = () => undefined;

  constructor({ steps, ...limits }: EnqueueQueueOptions) {
    this.#steps = steps;
    this.#limits = {
      maxPerCall: limits.maxPerCall ?? MAX_PER_CALL,
      callsAtOnce: limits.callsAtOnce ?? CALLS_AT_ONCE,
      maxWaiting: limits.maxWaiting ?? MAX_WAITING,
      markIntervalMs: limits.markIntervalMs ?? MARK_INTERVAL_MS,
    };
  }

  start(): Promise<void> {
    this.#isStopping = false;
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wakeMarker();
    while (this.#calls > 0 || this.#isMarking || this.#isPumpDue) await this.#changed();
  }

  async add(executions: readonly Enqueueable[]): Promise<void> {
    if (executions.length === 0) return;
    this.#waiting = this.#waiting.concat(executions);
    this.#pumpSoon();
    while (this.#waiting.length + this.#unmarked.length > this.#limits.maxWaiting) await this.#changed();
  }

  /** What is added in the same turn, by chunks that were decided together, goes together. */
  #pumpSoon(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    setImmediate(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#calls < this.#limits.callsAtOnce && this.#waiting.length > 0) {
      const next = this.#waiting.slice(0, this.#limits.maxPerCall);
      this.#waiting = this.#waiting.slice(this.#limits.maxPerCall);
      this.#calls += 1;
      void this.#call(next);
    }
  }

  async #call(executions: readonly Enqueueable[]): Promise<void> {
    const isAdded = await this.#steps.add(executions);
    this.#calls -= 1;
    if (isAdded) this.#unmarked = this.#unmarked.concat(executions);
    if (isAdded && !this.#isMarking) void this.#mark();
    this.#pump();
    this.#tellChange();
  }

  async #mark(): Promise<void> {
    this.#isMarking = true;
    while (this.#unmarked.length > 0) {
      const next = this.#unmarked.slice(0, MOST_MARKS);
      this.#unmarked = this.#unmarked.slice(MOST_MARKS);
      await this.#steps.mark(next);
      this.#tellChange();
      if (this.#unmarked.length < MOST_MARKS) await this.#pause();
    }
    this.#isMarking = false;
    this.#tellChange();
  }

  async #pause(): Promise<void> {
    if (this.#isStopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#limits.markIntervalMs);
      this.#wakeMarker = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => this.#onChange.push(resolve));
  }

  #tellChange(): void {
    const resolvers = this.#onChange;
    this.#onChange = [];
    for (const resolve of resolvers) resolve();
  }
}
