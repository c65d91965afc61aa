import type { DecimalString, ExecutionStatus, Fill, Order, OrderIntent, Position } from '@tripline/domain';

import type { Database } from '../database/database';
import { LeaseLostError } from '../database/errors';
import type { Row, Statement } from '../database/queryable';
import { type ClaimRow, claimedExecutionOf } from './claimed-execution';
import type { AccountState, ClaimedExecution, IntentRecord, Lease, StepRecord } from './execution-records';
import { CHECKPOINT, CLAIM, EXPLAIN_LEASE, FINISH, RELEASE, RENEW } from './execution-sql';
import { submitOrder } from './submit-order';

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

const DEFAULT_DEADLINE_MS = 600_000;
const MAX_ERROR_LENGTH = 2_000;

export function createExecutionStore(database: Database): ExecutionStore {
  /** One lease-checked statement; `own` says whether the row shows that an attempt without an answer was our own. */
  const writeHeld = async <R extends Row>(
    operation: string,
    lease: Lease,
    statement: Statement,
    values: readonly unknown[],
    ownStatus?: string,
  ): Promise<R | null> =>
    database.retry(async (attempt) => {
      const rows = await database.query<R>(statement, [lease.executionId, lease.leaseToken, ...values]);
      if (rows[0] !== undefined) return rows[0];
      if (attempt > 1 && ownStatus !== undefined && (await endedByUs(lease, ownStatus))) return null;
      database.observer.onLeaseLost?.({ operation, executionId: lease.executionId });
      throw new LeaseLostError(lease.executionId);
    });

  const endedByUs = async (lease: Lease, status: string): Promise<boolean> => {
    const rows = await database.query<{ status: string; lease_token: number }>(EXPLAIN_LEASE, [lease.executionId]);
    return rows[0]?.status === status && rows[0].lease_token === lease.leaseToken;
  };

  return {
    claim: async (executionId, generation, options) => {
      // Not retried when it may have been committed: a claim whose answer is lost expires and is swept.
      const rows = await database.query<ClaimRow>(CLAIM, [
        executionId,
        generation,
        options.owner,
        options.leaseMs,
        options.deadlineMs ?? DEFAULT_DEADLINE_MS,
      ]);
      return rows[0] === undefined ? null : claimedExecutionOf(rows[0]);
    },
    renew: async (lease, leaseMs) => {
      const row = await writeHeld<{ lease_until: Date }>('renew', lease, RENEW, [leaseMs]);
      return row === null ? 0 : row.lease_until.getTime();
    },
    checkpoint: async ({ steps, intent, ...lease }) => {
      const values = [JSON.stringify(steps), intent ? JSON.stringify(intent) : null];
      const row = await writeHeld<{ params: OrderIntent | null; state: IntentRecord['state'] }>(
        'checkpoint',
        lease,
        CHECKPOINT,
        values,
      );
      return row === null || row.params === null ? null : { intent: row.params, state: row.state };
    },
    submitToPaperBroker: async (submission) => submitOrder(database, submission),
    finish: async (ending) => {
      const values = [
        JSON.stringify(ending.steps ?? []),
        ending.status,
        ending.stopReason ?? null,
        ending.result === undefined ? null : JSON.stringify(ending.result),
        ending.error?.slice(0, MAX_ERROR_LENGTH) ?? null,
        ending.cost,
      ];
      await writeHeld('finish', ending, FINISH, values, ending.status);
    },
    release: async (lease, error) => {
      const row = await writeHeld<{ status: 'pending' | 'failed'; dispatch_gen: number }>('release', lease, RELEASE, [
        error.slice(0, MAX_ERROR_LENGTH),
      ]);
      return { status: row?.status ?? 'pending', generation: row?.dispatch_gen ?? 0 };
    },
  };
}
