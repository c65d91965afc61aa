import type { DecimalString, ExecutionStatus, Fill, Order, OrderIntent, Position } from '@tripline/domain';

import type { AccountState, Lease, StepRecord } from './execution-records';

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
  /** Why it was rejected. */
  readonly orderReason?: string | null;
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
