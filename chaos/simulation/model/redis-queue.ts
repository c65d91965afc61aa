import { executionJobId } from '@tripline/contracts';
import type { QueuedExecution } from '@tripline/queue';

import type { QueueJob } from '@tripline/audit';
import { ConnectionLostError, type Server } from '../kernel/server';
import type { SimProcess } from '../kernel/sim-process';
import type { World } from '../kernel/world';

export const LOCK_MS = 30_000;
export const STALLED_INTERVAL_MS = 15_000;
const CHUNK = 100;

interface Job {
  readonly id: string;
  readonly data: QueuedExecution;
  state: QueueJob['state'];
  /** The worker that holds the lock; a lock without a holder has expired. */
  lock: { readonly token: string; until: number } | null;
}

/** A job with its lock token. */
export interface TakenJob {
  readonly id: string;
  readonly data: QueuedExecution;
  readonly token: string;
}

/**
 * Redis with BullMQ's rules. Adding an existing id, in any state, changes nothing and looks like success. A bulk add is not
 * a transaction. The holder of an expired lock is not notified. All jobs may be lost, or restored from a snapshot.
 */
export class RedisQueue {
  readonly server: Server;
  readonly #world: World;
  readonly #jobs = new Map<string, Job>();
  /** Undo actions with timestamps; a crash applies them to drop the tail of the append-only file. */
  readonly #undo: { readonly at: number; readonly undo: () => void }[] = [];
  #takers: (() => void)[] = [];
  #tokens = 0;

  constructor(world: World, server: Server) {
    this.#world = world;
    this.server = server;
  }

  /** Same as `ExecutionQueue.enqueue`. */
  async enqueue(
    process: SimProcess,
    jobs: readonly QueuedExecution[],
    idOf: (job: QueuedExecution) => string = executionJobId,
  ): Promise<number> {
    for (let from = 0; from < jobs.length; from += CHUNK) {
      const chunk = jobs.slice(from, from + CHUNK);
      // This is a pipeline without a transaction: the connection may break in the middle.
      const torn = chunk.length > 1 && this.#world.random.chance(0.05) ? this.#world.random.int(chunk.length) : null;
      await this.server.call(process, `add ${chunk.length}`, () => {
        for (const job of chunk.slice(0, torn ?? chunk.length)) this.#add(idOf(job), job);
        if (torn !== null)
          throw new ConnectionLostError('redis', `the connection broke after ${torn} of ${chunk.length} jobs`);
      });
    }
    return jobs.length;
  }

  /** Returns the next job; waits if there is none. */
  async take(process: SimProcess): Promise<TakenJob> {
    for (;;) {
      const taken = await this.server.call(process, 'take', () => this.#take());
      if (taken !== null) return taken;
      await new Promise<void>((resolve) => {
        let isDone = false;
        const wake = (): void => {
          if (isDone) return;
          isDone = true;
          process.deliver(resolve);
        };
        this.#takers.push(wake);
        this.#world.at(TAKE_TIMEOUT_MS, wake);
      });
    }
  }

  /** Renews the locks that the caller still holds; returns the other ids. */
  extendLocks(process: SimProcess, jobs: readonly TakenJob[]): Promise<string[]> {
    return this.server.call(process, `extend ${jobs.length}`, () => {
      const lost: string[] = [];
      for (const { id, token } of jobs) {
        const job = this.#jobs.get(id);
        if (job?.lock?.token === token) job.lock.until = this.#world.now + LOCK_MS;
        else lost.push(id);
      }
      return lost;
    });
  }

  /** Ends the job, or with `retry` returns it to the queue for later. No effect if another worker holds the lock. */
  end(process: SimProcess, { id, token }: TakenJob, how: 'completed' | 'retry'): Promise<void> {
    return this.server.call(process, `${how} ${id.slice(2, 10)}`, () => {
      const job = this.#jobs.get(id);
      if (job?.lock?.token !== token) return;
      this.#set(job, how === 'retry' ? 'delayed' : 'completed', null);
      if (how === 'retry') this.#world.at(1_000, () => this.#promote(id));
    });
  }

  /** Returns jobs with expired locks to the waiting state. */
  releaseStalled(process: SimProcess): Promise<void> {
    return this.server.call(process, 'stalled check', () => {
      for (const job of this.#jobs.values()) {
        if (job.state === 'active' && (job.lock === null || job.lock.until < this.#world.now)) {
          this.#world.log(`job ${job.id.slice(2, 10)} stalled`);
          this.#set(job, 'waiting', null);
        }
      }
      this.#wake();
    });
  }

  /** A crash that loses the last `ms` of changes; more than a second stands for a restored snapshot. */
  rewind(ms: number): void {
    const since = this.#world.now - ms;
    this.#world.log(`redis loses the last ${ms}`);
    for (let last = this.#undo.at(-1); last !== undefined && last.at >= since; last = this.#undo.at(-1)) {
      last.undo();
      this.#undo.pop();
    }
    for (const job of this.#jobs.values())
      if (job.state === 'delayed') this.#world.at(1_000, () => this.#promote(job.id));
    this.#wake();
  }

  flush(): void {
    this.#world.log(`redis is emptied of ${this.#jobs.size} jobs`);
    const before = [...this.#jobs];
    this.#jobs.clear();
    this.#record(() => before.forEach(([id, job]) => this.#jobs.set(id, job)));
  }

  jobs(): QueueJob[] {
    return [...this.#jobs.values()].map(({ id, state }) => ({ jobId: id, state }));
  }

  get isIdle(): boolean {
    for (const { state } of this.#jobs.values()) if (state !== 'completed' && state !== 'failed') return false;
    return true;
  }

  #add(id: string, data: QueuedExecution): void {
    if (this.#jobs.has(id)) return;
    this.#jobs.set(id, { id, data, state: 'waiting', lock: null });
    this.#record(() => this.#jobs.delete(id));
    this.#wake();
  }

  #take(): TakenJob | null {
    for (const job of this.#jobs.values()) {
      if (job.state !== 'waiting') continue;
      const token = `t${(this.#tokens += 1)}`;
      this.#set(job, 'active', { token, until: this.#world.now + LOCK_MS });
      return { id: job.id, data: job.data, token };
    }
    return null;
  }

  #promote(id: string): void {
    const job = this.#jobs.get(id);
    if (job?.state !== 'delayed') return;
    this.#set(job, 'waiting', null);
    this.#wake();
  }

  #set(job: Job, state: Job['state'], lock: Job['lock']): void {
    const before = { state: job.state, lock: job.lock };
    job.state = state;
    job.lock = lock;
    this.#record(() => void Object.assign(job, before));
  }

  #record(undo: () => void): void {
    this.#undo.push({ at: this.#world.now, undo });
  }

  #wake(): void {
    for (const wake of this.#takers.splice(0)) this.#world.at(1, wake);
  }
}

/** Like BullMQ's blocking wait: the client polls periodically. */
const TAKE_TIMEOUT_MS = 30_000;
