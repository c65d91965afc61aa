import type { Database } from '../database/database';

export interface SweepLimits {
  /** Rows per sweep and kind; default 500. */
  readonly batchSize?: number;
  /** Pending and not marked as enqueued for so long; default 10 s. */
  readonly notEnqueuedMs?: number;
  /** Pending and enqueued so long ago; doubles with every generation up to 16 times; default 60 s. */
  readonly enqueuedMs?: number;
}

export interface SweptExecution {
  readonly executionId: string;
  readonly pipelineId: string;
  readonly generation: number;
  readonly traceparent: string | null;
}

export interface SweepResult {
  /** To be added to the queue with their new generation. */
  readonly requeue: readonly (SweptExecution & { readonly cause: 'not_enqueued' | 'stale_job' | 'lease_expired' })[];
  readonly failed: readonly SweptExecution[];
  readonly timedOut: readonly SweptExecution[];
}

export interface SweepStore {
  /** Brings back what a crash left behind; any number of sweepers may run. */
  sweep(limits?: SweepLimits): Promise<SweepResult>;
}

export declare function createSweepStore(database: Database): SweepStore;
