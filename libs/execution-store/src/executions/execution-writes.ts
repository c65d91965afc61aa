import type { DecimalString, Fill, Order, OrderIntent, Position } from '@tripline/trading';
import type { ExecutionStatus, ExecutionDenial } from '@tripline/triggers';

import type { AccountState, IntentRecord, Lease, StepRecord } from './execution-records';

export interface ClaimOptions {
  readonly owner: string;
  readonly leaseMs: number;
  /** From the first claim; default 10 minutes. */
  readonly deadlineMs?: number;
}

/** The data committed before an order goes to an external broker. */
export interface Checkpoint extends Lease {
  readonly steps: readonly StepRecord[];
  readonly intent: OrderIntent;
  readonly guard: OrderGuard;
}

/** `intent` is the stored one: an older row takes precedence. With a denial nothing may be sent. */
export type CheckpointResult =
  | { readonly denial: null; readonly intent: SubmittedIntent }
  | { readonly denial: ExecutionDenial; readonly intent: null };

/** An intent that may be sent now. */
export interface SubmittedIntent extends Pick<IntentRecord, 'intent' | 'state'> {
  /** When this was committed, epoch ms by PostgreSQL's clock. */
  readonly submittedAt: number;
}

/** The checks of an order, made in the statement that commits it. */
export interface OrderGuard {
  readonly venue: string;
  /** See `ClaimedExecution.freshUntil`. */
  readonly freshUntil: number | null;
}

/** Final statuses a worker may write. */
export type FinalStatus = Extract<ExecutionStatus, 'completed' | 'failed' | 'cancelled' | 'timed_out' | 'skipped'>;

export interface Ending extends Lease {
  readonly status: FinalStatus;
  /** Why the execution ended early; null when it completed all steps. */
  readonly stopReason?: string | null;
  readonly result?: unknown;
  readonly error?: string | null;
  readonly cost: DecimalString;
  /** Steps that are already stored are unchanged. */
  readonly steps?: readonly StepRecord[];
  /** An earlier attempt stored an intent: it is abandoned when the execution ends without an order. */
  readonly hasIntent?: boolean;
}

/** An ending with an order that the broker accepted or rejected. */
export interface OrderEnding extends Ending {
  readonly pipelineId: string;
  readonly order: Order;
  /** Null when the order rests or was rejected. */
  readonly fill: Fill | null;
  /** Why it was rejected. */
  readonly orderReason?: string | null;
  readonly venue: string;
  /** True: checked now, because nothing was sent yet (the internal broker). False: the broker already has the order. */
  readonly isChecked: boolean;
  /** See `ClaimedExecution.freshUntil`. */
  readonly freshUntil: number | null;
  /** Account and positions as returned by the claim; read again when the account has changed since. */
  readonly account: AccountState;
  readonly positions: readonly Position[];
}

export interface EndingResult {
  /** Not null: the order was denied and the execution ended as `skipped`. */
  readonly denial: ExecutionDenial | null;
  /** Null when nothing was filled. */
  readonly position: Position | null;
  /** Realised by this fill, USD, before its fee; null when nothing was filled. */
  readonly realisedPnl: DecimalString | null;
}
