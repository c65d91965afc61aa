import type { DecimalString, ExecutionStatus, Fill, Order, OrderIntent, Position } from '@tripline/domain';

import type { Database } from '../database/database';
import type { AccountState, ClaimedExecution, IntentRecord, Lease, StepRecord } from './execution-records';

export interface ClaimOptions {
  readonly owner: string;
  readonly leaseMs: number;
  /** From the first claim; default 10 minutes. */
  readonly deadlineMs?: number;
}

export interface Checkpoint extends Lease {
  readonly steps: readonly StepRecord[];
  readonly intent?: OrderIntent | null;
}

/** Final statuses a worker may write. */
export type FinalStatus = Extract<ExecutionStatus, 'completed' | 'failed' | 'cancelled' | 'timed_out' | 'skipped'>;

export interface Ending extends Lease {
  readonly status: FinalStatus;
  /** Why the run ended early; null when it went through. */
  readonly stopReason?: string | null;
  readonly result?: unknown;
  readonly error?: string | null;
  readonly cost: DecimalString;
}

export interface PaperSubmission extends Ending {
  readonly pipelineId: string;
  readonly order: Order;
  /** Null when the order rests or was rejected. */
  readonly fill: Fill | null;
  /** Account and positions as the claim returned them; read again when the account has changed since. */
  readonly account: AccountState;
  readonly positions: readonly Position[];
}

export interface SubmissionResult {
  /** False when this order was stored before: nothing was booked again. */
  readonly fresh: boolean;
  /** Null when nothing was filled. */
  readonly position: Position | null;
  /** Realised by this fill, USD, before its fee; null when nothing was filled. */
  readonly realisedPnl: DecimalString | null;
}

export interface ExecutionStore {
  /** Null: nothing to do (finished, another worker has it, an older generation). */
  claim(executionId: string, generation: number, options: ClaimOptions): Promise<ClaimedExecution | null>;
  /** New end of the lease, epoch ms by Postgres' clock. Throws `LeaseLostError`. */
  renew(lease: Lease, leaseMs: number): Promise<number>;
  /** Stores steps and intent in one statement. Returns the intent that holds: an older row wins. Throws `LeaseLostError`. */
  checkpoint(checkpoint: Checkpoint): Promise<IntentRecord | null>;
  /** Order, fill, position, cash and final status in one statement. Throws `LeaseLostError`. */
  submitToPaperBroker(submission: PaperSubmission): Promise<SubmissionResult>;
  /** Ends a run without an order; `steps` may come along. Throws `LeaseLostError`. */
  finish(ending: Ending & { readonly steps?: readonly StepRecord[] }): Promise<void>;
  /** Gives a run back after a failure that may pass: pending with the next generation, or failed when attempts are used up. */
  release(lease: Lease, error: string): Promise<{ status: 'pending' | 'failed'; generation: number }>;
}

export declare function createExecutionStore(database: Database): ExecutionStore;
