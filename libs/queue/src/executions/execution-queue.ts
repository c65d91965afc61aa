import { executionJobId, PIPELINE_EXECUTIONS_QUEUE, type ExecutionJob } from '@tripline/contracts';
import { failpoint } from '@tripline/failpoints';
import { Queue } from 'bullmq';

import { checkRedis } from '../connection/check-redis';
import type { RedisConnection } from '../connection/redis-connection';
import { QueueUnavailableError, UnfitRedisError } from '../errors';
import {
  QUEUE_STATES,
  type ExecutionQueue,
  type ExecutionQueueOptions,
  type QueueCounts,
  type QueuedExecution,
} from '../ports';
import { PriorityClasses } from './priority-classes';

const DEFAULT_BULK_SIZE = 100;
const CONNECT_TIMEOUT_MS = 5_000;
const JOB_NAME = 'execution';
/** BullMQ's score of a job is its priority times this, plus a counter. */
const PRIORITY_UNIT = 2 ** 32;
const LANE_LOOK_MS = 250;

/**
 * A handler throws only when it could not reach Postgres and so claimed nothing. The job is then retried until Postgres answers;
 * otherwise the execution would wait for the sweeper. Only Postgres retries executions that were claimed. Finished jobs are kept
 * for inspection and removed when another job ends.
 */
const JOB_OPTIONS = {
  attempts: 1_000,
  backoff: { type: 'fixed', delay: 1_000 },
  removeOnComplete: { age: 3_600, count: 10_000 },
  removeOnFail: { age: 7 * 86_400, count: 50_000 },
} as const;

/**
 * Creates the enqueuing side. `start()` fails on a server that would lose jobs, but tolerates an unavailable one: decisions must
 * continue without Redis, and the sweeper enqueues later whatever could not be enqueued. `stop()` closes the connection.
 */
export function createExecutionQueue(options: ExecutionQueueOptions & { connection: RedisConnection }): ExecutionQueue {
  return new BullExecutionQueue(options);
}

class BullExecutionQueue implements ExecutionQueue {
  readonly name: string;
  readonly #queueName: string;
  readonly #connection: RedisConnection;
  readonly #options: ExecutionQueueOptions;
  #queue: Queue<ExecutionJob> | undefined;
  #unfit: UnfitRedisError | undefined;
  #isStarted = false;
  readonly #lanes: PriorityClasses;
  #lookedAtMs = -Infinity;

  constructor(options: ExecutionQueueOptions & { connection: RedisConnection }) {
    this.#queueName = options.queueName ?? PIPELINE_EXECUTIONS_QUEUE;
    this.name = `queue ${this.#queueName}`;
    this.#connection = options.connection;
    this.#options = options;
    this.#lanes = new PriorityClasses(options.connection.fairness);
  }

  async start(): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    // After a reconnect the server may be a different one, with other settings.
    this.#connection.client.on('ready', this.#onReady);
    try {
      await this.#connection.connect(CONNECT_TIMEOUT_MS);
      await this.#check();
    } catch (error) {
      this.#logger.error(
        { event: 'queue_unavailable', queue: this.#queueName, err: error },
        'no usable Redis at start; jobs will be enqueued later',
      );
    }
    if (this.#unfit === undefined) return;
    const unfit = this.#unfit;
    await this.stop();
    throw unfit;
  }

  async stop(): Promise<void> {
    if (!this.#isStarted) return;
    this.#isStarted = false;
    this.#connection.client.off('ready', this.#onReady);
    const queue = this.#queue;
    this.#queue = undefined;
    await queue?.close().catch(() => undefined);
    await this.#connection.close();
  }

  async enqueue(executions: readonly QueuedExecution[]): Promise<number> {
    if (executions.length === 0) return 0;
    const queue = this.#usableQueue();
    await this.#lookAtFairLane();
    const userIds = executions.map(({ userId }) => userId);
    const priorities = this.#lanes.assign(userIds, performance.now());
    const jobs = executions.map((execution, index) => bulkJobOf(execution, priorities[index] ?? 0));
    const size = this.#options.bulkSize ?? DEFAULT_BULK_SIZE;
    for (let from = 0; from < jobs.length; from += size) {
      if (from > 0) await failpoint('during-enqueue');
      await this.#answered(queue.addBulk(jobs.slice(from, from + size)));
    }
    return executions.length;
  }

  /** Reads the head of the fair class when needed: our executions may wait there, or the last read is too old. */
  async #lookAtFairLane(): Promise<void> {
    const nowMs = performance.now();
    if (!this.#lanes.hasTags && nowMs - this.#lookedAtMs < LANE_LOOK_MS) return;
    const key = `${this.#connection.prefix}:${this.#queueName}:prioritized`;
    const [, score] = await this.#answered(this.#connection.client.zrange(key, '0', '0', 'WITHSCORES'));
    this.#lookedAtMs = nowMs;
    this.#lanes.observeHead(score === undefined ? null : Math.floor(Number(score) / PRIORITY_UNIT), nowMs);
  }

  async counts(): Promise<QueueCounts> {
    const counts = await this.#answered(this.#usableQueue().getJobCounts(...QUEUE_STATES));
    const entries = QUEUE_STATES.map((state) => [state, counts[state] ?? 0] as const);
    return Object.fromEntries(entries) as QueueCounts;
  }

  get #logger(): RedisConnection['logger'] {
    return this.#options.logger ?? this.#connection.logger;
  }

  readonly #onReady = (): void => {
    this.#check().catch((error: unknown) => {
      this.#logger.error({ event: 'queue_unfit', queue: this.#queueName, err: error }, 'Redis is not fit to hold jobs');
    });
  };

  async #check(): Promise<void> {
    try {
      await checkRedis(this.#connection);
      this.#unfit = undefined;
    } catch (error) {
      if (error instanceof UnfitRedisError) this.#unfit = error;
      throw error;
    }
  }

  /** Created on first use, so that `start()` works without a server. */
  #usableQueue(): Queue<ExecutionJob> {
    if (this.#unfit !== undefined) throw this.#unfit;
    if (!this.#isStarted || !this.#connection.isReady()) throw new QueueUnavailableError('Redis is not connected');
    this.#queue ??= this.#createQueue();
    return this.#queue;
  }

  #createQueue(): Queue<ExecutionJob> {
    const queue = new Queue<ExecutionJob>(this.#queueName, {
      connection: this.#connection.client,
      prefix: this.#connection.prefix,
    });
    queue.on('error', (error) => this.#options.onConnectionError?.(error));
    // A queue whose first connection failed rejects every later call, so the next call creates a new one.
    queue.waitUntilReady().catch(() => {
      if (this.#queue === queue) this.#queue = undefined;
    });
    return queue;
  }

  async #answered<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw new QueueUnavailableError('Redis rejected the command or did not answer', { cause: error });
    }
  }
}

function bulkJobOf({ executionId, generation, traceparent }: QueuedExecution, priority: number) {
  const data: ExecutionJob = { executionId, generation, ...(traceparent ? { traceparent } : {}) };
  const jobId = executionJobId(data);
  return { name: JOB_NAME, data, opts: { ...JOB_OPTIONS, jobId, ...(priority === 0 ? {} : { priority }) } };
}
