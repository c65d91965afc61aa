import type { ExecutionJob } from '@tripline/contracts';
import type { Clock, Component } from '@tripline/runtime';

import type { QueueLogger } from './connection/queue-logger';

/** States of a job as BullMQ counts them; the label values of `queue_jobs{state}`. */
export const QUEUE_STATES = ['active', 'completed', 'delayed', 'failed', 'prioritized', 'waiting'] as const;
export type QueueState = (typeof QUEUE_STATES)[number];
export type QueueCounts = Readonly<Record<QueueState, number>>;

/** An execution to enqueue. The job contains only its ids and its trace. */
export interface QueuedExecution {
  readonly executionId: string;
  readonly generation: number;
  /** The owner; executions of different users are processed in a fair order. */
  readonly userId: string;
  /** W3C `traceparent` of the decision. */
  readonly traceparent?: string | null;
}

export interface ExecutionQueue extends Component {
  /**
   * Adds the jobs and returns how many were handed to Redis. A job id is execution + generation, so adding the same job again
   * changes nothing. Not atomic: when it rejects, any part may be stored, and the sweeper handles the rest.
   * @throws QueueUnavailableError at once when Redis does not answer
   */
  enqueue(executions: readonly QueuedExecution[]): Promise<number>;
  /** Jobs by state. @throws QueueUnavailableError */
  counts(): Promise<QueueCounts>;
}

export interface ExecutionQueueOptions {
  /** Queue name; tests use their own, otherwise the catalogue's. */
  readonly queueName?: string;
  readonly logger?: QueueLogger;
  /** Called when a connection failed or was rejected; for `redis_connection_errors_total`. */
  readonly onConnectionError?: (error: Error) => void;
  /** Jobs per request to Redis; default 100. */
  readonly bulkSize?: number;
}

/** One attempt at one job, as the handler sees it. */
export interface ExecutionJobRun {
  readonly data: Omit<ExecutionJob, 'traceparent'>;
  /** W3C trace headers of the enqueuer; empty when it had no trace. */
  readonly traceCarrier: Readonly<Record<string, string>>;
  /** Aborts when the lock could not be renewed or the stop deadline passed: another worker may run this job now. */
  readonly signal: AbortSignal;
  /** BullMQ's job id. */
  readonly jobId: string;
  /** Epoch ms of the enqueue. */
  readonly enqueuedAtMs: number;
}

export interface ExecutionWorkerOptions {
  /** Jobs at the same time in this process. */
  readonly concurrency: number;
  /** Resolves when the job is done, however its execution ended. A throw means that nothing was claimed: the job is retried. */
  readonly handler: (run: ExecutionJobRun) => Promise<void>;
  readonly queueName?: string;
  /** How long `stop()` waits for running jobs before it aborts them, ms. Default 20000. */
  readonly stopDeadlineMs?: number;
  /** How long aborted jobs get to stop before the connections are closed, ms. Default 2000. */
  readonly abortGraceMs?: number;
  /** A lock that is not renewed for this long is lost, ms. Default 30000. */
  readonly lockDurationMs?: number;
  /** How often lost locks are checked, ms. Default 15000. */
  readonly stalledIntervalMs?: number;
  /** Jobs wait and none became active for this long: `onStuck`, ms. Default 60000. */
  readonly stuckAfterMs?: number;
  /** The worker stopped taking jobs without an error; log and exit(1). Called at most once. */
  readonly onStuck?: (info: WorkerProgress) => void;
  /** Called when BullMQ ends a job; for `worker_tasks_total{queue,status}`. */
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
  /** As of the watchdog's last check. */
  readonly waiting: number;
}

export interface ExecutionWorker extends Component {
  progress(): WorkerProgress;
}

/** A finished Redis command; the name only, never its arguments. */
export interface RedisCommandEvent {
  /** Lower case, e.g. `evalsha`. */
  readonly command: string;
  readonly status: 'success' | 'error';
  readonly seconds: number;
}
