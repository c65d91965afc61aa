import type { EnqueueSteps, QueuedExecution } from '@tripline/queue';
import type { Component } from '@tripline/runtime';

import { SIZES } from './sizes';

export interface EnqueueBufferOptions {
  readonly steps: EnqueueSteps;
  /** Executions of one call; default `SIZES.enqueueCall`. */
  readonly maxPerCall?: number;
  /** Calls to Redis in progress at once. */
  readonly callsAtOnce?: number;
  /** Most executions that wait for their job or its acknowledgement before `add` waits; default `SIZES.enqueueBacklog`. */
  readonly maxWaiting?: number;
  /** How long to batch enqueue acknowledgements, in ms. Each batch is one commit; only the sweeper reads them. */
  readonly acknowledgeIntervalMs?: number;
}

/** Takes executions off the deciding path: the next chunk is decided while jobs go to Redis. */
export interface EnqueueBuffer extends Component {
  /** Resolves at once unless the buffer is full. If the process dies, the sweeper enqueues what was in the buffer. */
  add(executions: readonly QueuedExecution[]): Promise<void>;
}

const CALLS_AT_ONCE = 2;
const ACKNOWLEDGE_INTERVAL_MS = 100;

/**
 * Buffers executions between the decision and BullMQ. When idle, a job is sent at once; under load, waiting executions are
 * batched into large calls. Acknowledgements are sent separately, so no job waits for the commit that acknowledges another.
 * Bounded: at `maxWaiting`, `add` waits. `stop()` empties the buffer.
 */
export function createEnqueueBuffer(options: EnqueueBufferOptions): EnqueueBuffer {
  return new TwoStepBuffer(options);
}

class TwoStepBuffer implements EnqueueBuffer {
  readonly name = 'enqueue-buffer';
  readonly #steps: EnqueueSteps;
  readonly #limits: Required<Omit<EnqueueBufferOptions, 'steps'>>;
  #waiting: QueuedExecution[] = [];
  #unacknowledged: QueuedExecution[] = [];
  #calls = 0;
  #isAcknowledging = false;
  #isPumpDue = false;
  #isStopping = false;
  #onChange: (() => void)[] = [];
  #wakeAcknowledger: () => void = () => undefined;

  constructor({ steps, ...limits }: EnqueueBufferOptions) {
    this.#steps = steps;
    this.#limits = {
      maxPerCall: limits.maxPerCall ?? SIZES.enqueueCall,
      callsAtOnce: limits.callsAtOnce ?? CALLS_AT_ONCE,
      maxWaiting: limits.maxWaiting ?? SIZES.enqueueBacklog,
      acknowledgeIntervalMs: limits.acknowledgeIntervalMs ?? ACKNOWLEDGE_INTERVAL_MS,
    };
  }

  start(): Promise<void> {
    this.#isStopping = false;
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wakeAcknowledger();
    while (this.#calls > 0 || this.#isAcknowledging || this.#isPumpDue) await this.#changed();
  }

  async add(executions: readonly QueuedExecution[]): Promise<void> {
    if (executions.length === 0) return;
    this.#waiting = this.#waiting.concat(executions);
    this.#pumpSoon();
    while (this.#waiting.length + this.#unacknowledged.length > this.#limits.maxWaiting) await this.#changed();
  }

  /** Batches everything added in the same event-loop turn, i.e. by chunks that were decided together. */
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

  async #call(executions: readonly QueuedExecution[]): Promise<void> {
    const isAdded = await this.#steps.add(executions);
    this.#calls -= 1;
    if (isAdded) this.#unacknowledged = this.#unacknowledged.concat(executions);
    if (isAdded && !this.#isAcknowledging) void this.#acknowledge();
    this.#pump();
    this.#tellChange();
  }

  async #acknowledge(): Promise<void> {
    this.#isAcknowledging = true;
    while (this.#unacknowledged.length > 0) {
      const next = this.#unacknowledged.slice(0, SIZES.acknowledgement);
      this.#unacknowledged = this.#unacknowledged.slice(SIZES.acknowledgement);
      await this.#steps.acknowledge(next);
      this.#tellChange();
      if (this.#unacknowledged.length < SIZES.acknowledgement) await this.#pause();
    }
    this.#isAcknowledging = false;
    this.#tellChange();
  }

  async #pause(): Promise<void> {
    if (this.#isStopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#limits.acknowledgeIntervalMs);
      this.#wakeAcknowledger = () => {
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
