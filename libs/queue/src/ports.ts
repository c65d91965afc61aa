import type { ExecutionJob } from '@tripline/contracts';
import type { Clock, Component } from '@tripline/runtime';

import type { QueueLogger } from './connection/queue-logger';

/** States of a job as BullMQ counts them; the label values of `queue_jobs{state}`. */
export const QUEUE_STATES = ['active', 'completed', 'delayed', 'failed', 'prioritized', 'waiting'] as const;
export type QueueState = (typeof QUEUE_STATES)[number];
export type QueueCounts = Readonly<Record<QueueState, number>>;

/** A run to be worked off. Only its ids and its trace get into the job. */
export interface QueuedExecution {
  readonly executionId: string;
  readonly generation: number;
  /** Whose run it is: the users' runs are worked off in a fair order. */
  readonly userId: string;
  /** W3C `traceparent` of the decision. */
  readonly traceparent?: string | null;
}

export interface ExecutionQueue extends Component {
  /**
   * Adds the jobs and returns how many were handed to Redis. The id of a job is execution + generation, so adding again
   * changes nothing, whatever became of the first. Not atomic: when it rejects, any part may be stored; the sweeper owns the rest.
   * @throws QueueUnavailableError at once when Redis does not answer
   */
  enqueue(executions: readonly QueuedExecution[]): Promise<number>;
  /** Jobs by state. @throws QueueUnavailableError */
  counts(): Promise<QueueCounts>;
}

export interface ExecutionQueueOptions {
  /** Queue name; the catalogue's unless a test brings its own. */
  readonly queueName?: string;
  readonly logger?: QueueLogger;
  /** A connection failed or was refused; for `redis_connection_errors_total`. */
  readonly onConnectionError?: (error: Error) => void;
  /** Jobs that go to Redis in one request; default 100. */
  readonly bulkSize?: number;
}

/** One attempt at one job, as the handler sees it. */
export interface ExecutionJobRun {
  readonly data: Omit<ExecutionJob, 'traceparent'>;
  /** W3C trace headers of the enqueuer; empty when it had no trace. */
  readonly traceCarrier: Readonly<Record<string, string>>;
  /** Aborts when the lock could not be renewed or the stop deadline passed: somebody else may run this job now. */
  readonly signal: AbortSignal;
  /** BullMQ's job id. */
  readonly jobId: string;
  /** Epoch ms of the enqueue. */
  readonly enqueuedAtMs: number;
}

export interface ExecutionWorkerOptions {
  /** Jobs at the same time in this process. */
  readonly concurrency: number;
  /** Resolves when the job is dealt with, however its run ended. A throw means that nothing was claimed: it is called again. */
  readonly handler: (run: ExecutionJobRun) => Promise<void>;
  readonly queueName?: string;
  /** How long `stop()` waits for running jobs before it aborts them, ms. Default 20000. */
  readonly stopDeadlineMs?: number;
  /** After the abort, how long jobs get to give up before the connections are closed under them, ms. Default 2000. */
  readonly abortGraceMs?: number;
  /** A lock that is not renewed for this long is lost, ms. Default 30000. */
  readonly lockDurationMs?: number;
  /** How often lost locks are looked for, ms. Default 15000. */
  readonly stalledIntervalMs?: number;
  /** Jobs wait and none became active for this long: `onStuck`, ms. Default 60000. */
  readonly stuckAfterMs?: number;
  /** The worker stopped taking jobs without an error; log and exit(1). Called at most once. */
  readonly onStuck?: (info: WorkerProgress) => void;
  /** A job's end as BullMQ saw it; for `worker_tasks_total{queue,status}`. */
  readonly onJobEnd?: (event: { queue: string; status: 'completed' | 'failed'; jobId: string; error?: Error }) => void;
  readonly onConnectionError?: (error: Error) => void;
  readonly clock?: Clock;
  readonly logger?: QueueLogger;
}

export interface WorkerProgress {
  readonly queue: string;
  readonly running: boolean;
  readonly activeJobs: number;
  /** Epoch ms (of the given clock) when a job last started; null before the first. */
  readonly lastActiveAt: number | null;
  /** As of the last look of the watchdog. */
  readonly waiting: number;
}

export interface ExecutionWorker extends Component {
  progress(): WorkerProgress;
}

/** One Redis command as it ended; the name only, never its arguments. */
export interface RedisCommandEvent {
  /** Lower case, e.g. `evalsha`. */
  readonly command: string;
  readonly status: 'success' | 'error';
  readonly seconds: number;
}
