import type { ExecutionJobRun } from '@tripline/queue';

import { RunningJobs } from '../../../libs/queue/src/executions/running-jobs';
import type { SimProcess } from '../kernel/sim-process';
import { LOCK_MS, type RedisQueue, STALLED_INTERVAL_MS, type TakenJob } from '../model/redis-queue';

const CONCURRENCY = 3;
const RETRY_MS = 1_000;

/** The consuming side of the queue as in BullMQ: locks, renewals, stalled jobs. Aborting jobs is the real code. */
export class SimQueueWorker {
  readonly #redis: RedisQueue;
  readonly #process: SimProcess;
  readonly #handler: (run: ExecutionJobRun) => Promise<void>;
  readonly #running: RunningJobs;
  readonly #taken = new Map<string, TakenJob>();
  #isStopping = false;

  constructor(redis: RedisQueue, process: SimProcess, handler: (run: ExecutionJobRun) => Promise<void>) {
    this.#redis = redis;
    this.#process = process;
    this.#handler = handler;
    this.#running = new RunningJobs(process.monotonicMs);
  }

  /** Runs until it is stopped and its current jobs are done. */
  async run(): Promise<void> {
    this.#process.every(LOCK_MS / 2, () => this.#extendLocks());
    this.#process.every(STALLED_INTERVAL_MS, () => {
      void this.#redis.releaseStalled(this.#process).catch(() => undefined);
    });
    await Promise.all(Array.from({ length: CONCURRENCY }, () => this.#loop()));
  }

  stop(): void {
    this.#isStopping = true;
  }

  async #loop(): Promise<void> {
    while (!this.#isStopping) {
      try {
        await this.#work(await this.#redis.take(this.#process));
      } catch {
        await this.#process.sleep(RETRY_MS);
      }
    }
  }

  async #work(job: TakenJob): Promise<void> {
    this.#taken.set(job.id, job);
    let how: 'completed' | 'retry' = 'completed';
    try {
      await this.#running.run(job.id, (signal) =>
        this.#handler({ data: job.data, traceCarrier: {}, signal, jobId: job.id, enqueuedAtMs: 0 }),
      );
    } catch {
      how = 'retry';
    }
    if (this.#taken.get(job.id) === job) this.#taken.delete(job.id);
    // If Redis does not answer, the lock expires and the job is delivered again.
    await this.#redis.end(this.#process, job, how).catch(() => undefined);
  }

  #extendLocks(): void {
    this.#running.abortExpired(LOCK_MS);
    const jobs = [...this.#taken.values()];
    if (jobs.length === 0) return;
    void this.#redis.extendLocks(this.#process, jobs).then(
      (lost) => {
        this.#running.lockLost(lost);
        this.#running.renewed(jobs.map(({ id }) => id).filter((id) => !lost.includes(id)));
      },
      () => undefined,
    );
  }
}
