import { endsWithin } from '@tripline/runtime';
import { JobLockLostError, WorkerStoppingError } from '../errors';

interface RunningJob {
  readonly controller: AbortController;
  /** Monotonic ms. */
  renewedAt: number;
}

/** The jobs this process runs, with a way to abort each. */
export class RunningJobs {
  readonly #jobs = new Map<string, RunningJob>();
  readonly #monotonicMs: () => number;
  #whenEmpty: (() => void)[] = [];

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  get count(): number {
    return this.#jobs.size;
  }

  /** Runs one job with its signal; the job counts as running until `work` settles. */
  async run<T>(jobId: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const job = { controller: new AbortController(), renewedAt: this.#monotonicMs() };
    this.#jobs.set(jobId, job);
    try {
      return await work(job.controller.signal);
    } finally {
      // After a lost lock this process may already run the same job a second time.
      if (this.#jobs.get(jobId) === job) this.#jobs.delete(jobId);
      if (this.#jobs.size === 0) this.#whenEmpty.splice(0).forEach((resolve) => resolve());
    }
  }

  renewed(jobIds: readonly string[]): void {
    for (const id of jobIds) {
      const job = this.#jobs.get(id);
      if (job !== undefined) job.renewedAt = this.#monotonicMs();
    }
  }

  /** The server reported that these locks are no longer ours. */
  lockLost(jobIds: readonly string[]): void {
    for (const id of jobIds) this.#abort(id, new JobLockLostError(`the lock of job ${id} is lost`));
  }

  /** BullMQ reports renewals that fail during a Redis outage only as errors, but the lock still expires. */
  abortExpired(lockDurationMs: number): void {
    const now = this.#monotonicMs();
    for (const [id, job] of this.#jobs) {
      if (now - job.renewedAt > lockDurationMs) {
        this.#abort(id, new JobLockLostError(`the lock of job ${id} was not renewed for ${lockDurationMs} ms`));
      }
    }
  }

  abortAll(): void {
    for (const id of this.#jobs.keys()) this.#abort(id, new WorkerStoppingError('the worker is stopping'));
  }

  /** True when no job is running, false when some still run after `timeoutMs`. */
  async drained(timeoutMs: number): Promise<boolean> {
    if (this.#jobs.size === 0) return true;
    return endsWithin(new Promise<void>((resolve) => this.#whenEmpty.push(resolve)), timeoutMs);
  }

  #abort(id: string, reason: Error): void {
    this.#jobs.get(id)?.controller.abort(reason);
  }
}
