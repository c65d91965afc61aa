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
  /** Who works on it; a lock without a holder is expired. */
  lock: { readonly token: string; until: number } | null;
}

/** A job with the token of its lock. */
export interface TakenJob {
  readonly id: string;
  readonly data: QueuedExecution;
  readonly token: string;
}

/**
 * Redis with BullMQ's rules: adding an id that exists, in whatever state, changes nothing and looks like success; a bulk
 * add is no transaction; the holder of an expired lock is not told. All of it may be lost, or come back from a snapshot.
 */
export class RedisQueue {
  readonly server: Server;
  readonly #world: World;
  readonly #jobs = new Map<string, Job>();
  /** Undoes each change, with its time: what a crash does to the tail of the append-only file. */
  readonly #undo: { readonly at: number; readonly undo: () => void }[] = [];
  #takers: (() => void)[] = [];
  #tokens = 0;

  constructor(world: World, server: Server) {
    this.#world = world;
    this.server = server;
  }

  /** As `ExecutionQueue.enqueue`. */
  async enqueue(
    process: SimProcess,
    jobs: readonly QueuedExecution[],
    idOf: (job: QueuedExecution) => string = executionJobId,
  ): Promise<number> {
    for (let from = 0; from < jobs.length; from += CHUNK) {
      const chunk = jobs.slice(from, from + CHUNK);
      // A pipeline, no transaction: the connection may break in the middle of it.
      const torn = chunk.length > 1 && this.#world.random.chance(0.05) ? this.#world.random.int(chunk.length) : null;
      await this.server.call(process, `add ${chunk.length}`, () => {
        for (const job of chunk.slice(0, torn ?? chunk.length)) this.#add(idOf(job), job);
        if (torn !== null)
          throw new ConnectionLostError('redis', `the connection broke after ${torn} of ${chunk.length} jobs`);
      });
    }
    return jobs.length;
  }

  /** The next job; waits for one. */
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

  /** Prolongs the locks that are still ours; the ids of the others come back. */
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

  /** Ends the job, or (`retry`) has it taken again later. Nothing happens when the lock is somebody else's. */
  end(process: SimProcess, { id, token }: TakenJob, how: 'completed' | 'retry'): Promise<void> {
    return this.server.call(process, `${how} ${id.slice(2, 10)}`, () => {
      const job = this.#jobs.get(id);
      if (job?.lock?.token !== token) return;
      this.#set(job, how === 'retry' ? 'delayed' : 'completed', null);
      if (how === 'retry') this.#world.at(1_000, () => this.#promote(id));
    });
  }

  /** Jobs whose lock has expired wait again. */
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

  /** A crash that loses the last `ms` of changes; with more than a second, a snapshot that was restored. */
  rewind(ms: number): void {
    const since = this.#world.now - ms;
    this.#world.log(`redis forgets the last ${ms}`);
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

/** As BullMQ's blocking wait: a client asks again now and then. */
const TAKE_TIMEOUT_MS = 30_000;
