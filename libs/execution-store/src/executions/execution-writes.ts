import type { DecimalString, Fill, Order, OrderIntent, Position } from '@tripline/trading';
import type { ExecutionStatus, ExecutionDenial } from '@tripline/triggers';

import type { AccountState, IntentRecord, Lease, StepRecord } from './execution-records';

export interface ClaimOptions {
  readonly owner: string;
  readonly leaseMs: number;
  /** From the first claim; default 10 minutes. */
  readonly deadlineMs?: number;
}

/** What is committed before an order goes to a broker that is not ours. */
export interface Checkpoint extends Lease {
  readonly steps: readonly StepRecord[];
  readonly intent: OrderIntent;
  readonly guard: OrderGuard;
}

/** `intent` is the one that holds: an older row wins. With a refusal nothing may be sent. */
export type CheckpointResult =
  | { readonly denial: null; readonly intent: SubmittedIntent }
  | { readonly denial: ExecutionDenial; readonly intent: null };

/** An intent that may be sent now. */
export interface SubmittedIntent extends Pick<IntentRecord, 'intent' | 'state'> {
  /** When this was committed, epoch ms by Postgres' clock. */
  readonly submittedAt: number;
}

/** What an order is checked by, in the statement that commits it. */
export interface OrderGuard {
  readonly venue: string;
  /** See `ClaimedExecution.freshUntil`. */
  readonly freshUntil: number | null;
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
  /** Those that are stored already are left as they are. */
  readonly steps?: readonly StepRecord[];
  /** An earlier attempt stored an intent: it is abandoned when the run ends without an order. */
  readonly hasIntent?: boolean;
}

/** An ending with an order that the broker took or rejected. */
export interface OrderEnding extends Ending {
  readonly pipelineId: string;
  readonly order: Order;
  /** Null when the order rests or was rejected. */
  readonly fill: Fill | null;
  /** Why it was rejected. */
  readonly orderReason?: string | null;
  readonly venue: string;
  /** Checked now, since nothing was sent yet (the internal broker); false when the broker has the order already. */
  readonly isChecked: boolean;
  /** See `ClaimedExecution.freshUntil`. */
  readonly freshUntil: number | null;
  /** Account and positions as the claim returned them; read again when the account has changed since. */
  readonly account: AccountState;
  readonly positions: readonly Position[];
}

export interface EndingResult {
  /** Not null: the order was refused and the run ended as `skipped`. */
  readonly denial: ExecutionDenial | null;
  /** Null when nothing was filled. */
  readonly position: Position | null;
  /** Realised by this fill, USD, before its fee; null when nothing was filled. */
  readonly realisedPnl: DecimalString | null;
}
