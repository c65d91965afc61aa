import { executionJobSchema, PIPELINE_EXECUTIONS_QUEUE, type ExecutionJob } from '@tripline/contracts';
import { systemClock, type Clock, endsWithin } from '@tripline/runtime';
import { Worker, type Job } from 'bullmq';

import { checkRedis } from '../connection/check-redis';
import type { RedisConnection } from '../connection/redis-connection';
import type { ExecutionWorker, ExecutionWorkerOptions, WorkerProgress } from '../ports';
import { RunningJobs } from './running-jobs';
import { StuckDetector } from './stuck-detector';

const DEFAULTS = {
  stopDeadlineMs: 20_000,
  abortGraceMs: 2_000,
  lockDurationMs: 30_000,
  stalledIntervalMs: 15_000,
  stuckAfterMs: 60_000,
};
const CONNECT_TIMEOUT_MS = 10_000;
/** Postgres counts attempts; BullMQ's default of 1 would fail a job whose worker was killed twice. */
const MAX_STALLED_COUNT = 1_000;

/**
 * Creates the working side. `start()` waits for Redis, fails on a server that would lose jobs, then takes jobs. `stop()` takes
 * no new jobs, waits for running ones, aborts them at the deadline and closes the connections. A job may run twice, so the
 * handler's writes must be fenced.
 */
export function createExecutionWorker(
  options: ExecutionWorkerOptions & { connection: RedisConnection },
): ExecutionWorker {
  return new BullExecutionWorker(options);
}

class BullExecutionWorker implements ExecutionWorker {
  readonly name: string;
  readonly #queueName: string;
  readonly #options: ExecutionWorkerOptions & typeof DEFAULTS & { connection: RedisConnection };
  readonly #clock: Clock;
  readonly #running: RunningJobs;
  readonly #stuck: StuckDetector;
  #worker: Worker<ExecutionJob> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastActiveAt: number | null = null;

  constructor(options: ExecutionWorkerOptions & { connection: RedisConnection }) {
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    this.#options = { ...DEFAULTS, ...options, ...given };
    this.#queueName = options.queueName ?? PIPELINE_EXECUTIONS_QUEUE;
    this.name = `worker ${this.#queueName}`;
    this.#clock = options.clock ?? systemClock;
    this.#running = new RunningJobs(() => this.#clock.monotonicMs());
    this.#stuck = new StuckDetector(this.#options.stuckAfterMs, () => this.#clock.monotonicMs());
  }

  progress(): WorkerProgress {
    return {
      queue: this.#queueName,
      running: this.#worker !== undefined,
      activeJobs: this.#running.count,
      lastActiveAt: this.#lastActiveAt,
      waiting: this.#stuck.waiting,
    };
  }

  async start(): Promise<void> {
    if (this.#worker !== undefined) return;
    const { connection } = this.#options;
    try {
      await connection.connect(CONNECT_TIMEOUT_MS);
      await checkRedis(connection);
    } catch (error) {
      await connection.close();
      throw error;
    }
    const worker = this.#createWorker();
    this.#worker = worker;
    this.#stuck.reset();
    const checkEveryMs = Math.min(this.#options.stuckAfterMs, this.#options.lockDurationMs) / 6;
    this.#timer = setInterval(() => void this.#watch(worker), Math.max(50, checkEveryMs));
    this.#timer.unref();
    // run() resolves when the worker is closed.
    worker.run().catch((error: unknown) => this.#onError(error));
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#worker = undefined;
    clearInterval(this.#timer);
    // Not close(): BullMQ's close() waits without limit, and a second close(true) only joins the first.
    await worker.pause(true).catch((error: unknown) => this.#onError(error));
    if (!(await this.#running.drained(this.#options.stopDeadlineMs))) {
      this.#log('warn', 'worker_stop_deadline', { active: this.#running.count });
      this.#running.abortAll();
      await this.#running.drained(this.#options.abortGraceMs);
    }
    // Without Redis a graceful close would wait for it; the expiry of the lock has the same effect.
    const isForced = this.#running.count > 0 || !this.#options.connection.isReady();
    const closing = worker.close(isForced).catch((error: unknown) => this.#onError(error));
    // A job fetched at the moment of pausing may still run; closing the connection ends the wait for it.
    if (!(await endsWithin(closing, this.#options.abortGraceMs))) this.#running.abortAll();
    await this.#options.connection.close();
    await endsWithin(closing, this.#options.abortGraceMs);
  }

  #createWorker(): Worker<ExecutionJob> {
    const { connection, concurrency, lockDurationMs, stalledIntervalMs } = this.#options;
    const worker = new Worker<ExecutionJob>(this.#queueName, (job) => this.#process(job), {
      connection: connection.client,
      prefix: connection.prefix,
      autorun: false,
      concurrency,
      lockDuration: lockDurationMs,
      stalledInterval: stalledIntervalMs,
      maxStalledCount: MAX_STALLED_COUNT,
    });
    worker.on('error', (error) => this.#onError(error));
    worker.on('active', () => {
      this.#lastActiveAt = this.#clock.now();
      this.#stuck.reset();
    });
    worker.on('locksRenewed', ({ jobIds }) => this.#running.renewed(jobIds));
    worker.on('lockRenewalFailed', (jobIds) => {
      this.#log('warn', 'job_lock_lost', { job_ids: jobIds });
      this.#running.lockLost(jobIds);
    });
    worker.on('completed', (job) => this.#onJobEnd('completed', job.id));
    worker.on('failed', (job, error) => this.#onJobEnd('failed', job?.id, error));
    return worker;
  }

  async #process(job: Job<ExecutionJob>): Promise<void> {
    const { traceparent, ...data } = executionJobSchema.parse(job.data);
    const jobId = job.id ?? '';
    await this.#running.run(jobId, (signal) =>
      this.#options.handler({
        data,
        traceCarrier: traceparent === undefined ? {} : { traceparent },
        signal,
        jobId,
        enqueuedAtMs: job.timestamp,
      }),
    );
  }

  async #watch(worker: Worker<ExecutionJob>): Promise<void> {
    this.#running.abortExpired(this.#options.lockDurationMs);
    if (!this.#options.connection.isReady()) {
      // Redis is unavailable; the connection reports that. The watchdog's clock restarts when it is back.
      this.#stuck.reset();
      return;
    }
    try {
      const { client, prefix } = this.#options.connection;
      const express = await client.llen(`${prefix}:${this.#queueName}:wait`);
      const fair = await client.zcard(`${prefix}:${this.#queueName}:prioritized`);
      if (this.#worker !== worker) return;
      if (!this.#stuck.observe(express + fair, this.#running.count)) return;
      this.#log('error', 'worker_stuck', { ...this.progress() });
      this.#options.onStuck?.(this.progress());
    } catch (error) {
      this.#onError(error);
    }
  }

  #onJobEnd(status: 'completed' | 'failed', jobId = '', error?: Error): void {
    if (error !== undefined) this.#log('error', 'job_failed', { job_id: jobId, err: error });
    try {
      this.#options.onJobEnd?.({ queue: this.#queueName, status, jobId, ...(error === undefined ? {} : { error }) });
    } catch {
      // Recording must not break the worker.
    }
  }

  #onError(error: unknown): void {
    const failure = error instanceof Error ? error : new Error(String(error));
    this.#log('warn', 'worker_error', { err: failure });
    this.#options.onConnectionError?.(failure);
  }

  #log(level: 'warn' | 'error', event: string, fields: Record<string, unknown>): void {
    const logger = this.#options.logger ?? this.#options.connection.logger;
    logger[level]({ event, queue: this.#queueName, ...fields }, 'execution worker');
  }
}
