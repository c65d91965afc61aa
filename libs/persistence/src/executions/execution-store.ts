import type { OrderIntent } from '@tripline/domain';

import type { Database } from '../database/database';
import { LeaseLostError } from '../database/errors';
import type { Row, Statement } from '../database/queryable';
import { type ClaimRow, claimedExecutionOf } from './claimed-execution';
import type { ClaimedExecution, IntentRecord, Lease, StepRecord } from './execution-records';
import { CHECKPOINT, CLAIM, EXPLAIN_LEASE, FINISH, RELEASE, RENEW } from './execution-sql';
import type { Checkpoint, ClaimOptions, Ending, PaperSubmission, SubmissionResult } from './execution-writes';
import { submitOrder } from './submit-order';

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
  const held = createHeldWriter(database);
  return {
    claim: async (executionId, generation, options) => {
      const { owner, leaseMs, deadlineMs = DEFAULT_DEADLINE_MS } = options;
      // A claim whose answer is lost claims nothing the second time: its lease ends and the sweeper brings the run back.
      const rows = await database.retry(async () =>
        database.query<ClaimRow>(CLAIM, [executionId, generation, owner, leaseMs, deadlineMs]),
      );
      return rows[0] === undefined ? null : claimedExecutionOf(rows[0]);
    },
    renew: async (lease, leaseMs) => {
      const row = await held<{ lease_until: Date }>('renew', lease, RENEW, [leaseMs]);
      return row === null ? 0 : row.lease_until.getTime();
    },
    checkpoint: async ({ steps, intent, ...lease }) => {
      const values = [JSON.stringify(steps), intent ? JSON.stringify(intent) : null];
      const row = await held<CheckpointRow>('checkpoint', lease, CHECKPOINT, values);
      return row === null || row.params === null ? null : { intent: row.params, state: row.state };
    },
    submitToPaperBroker: async (submission) => submitOrder(database, submission),
    finish: async (ending) => {
      await held('finish', ending, FINISH, endingValues(ending), ending.status);
    },
    release: async (lease, error) => {
      const values = [error.slice(0, MAX_ERROR_LENGTH)];
      const row = await held<ReleaseRow>('release', lease, RELEASE, values);
      return { status: row?.status ?? 'pending', generation: row?.dispatch_gen ?? 0 };
    },
  };
}

interface CheckpointRow {
  readonly params: OrderIntent | null;
  readonly state: IntentRecord['state'];
}

interface ReleaseRow {
  readonly status: 'pending' | 'failed';
  readonly dispatch_gen: number;
}

function endingValues(ending: Ending & { readonly steps?: readonly StepRecord[] }): readonly unknown[] {
  return [
    JSON.stringify(ending.steps ?? []),
    ending.status,
    ending.stopReason ?? null,
    ending.result === undefined ? null : JSON.stringify(ending.result),
    ending.error?.slice(0, MAX_ERROR_LENGTH) ?? null,
    ending.cost,
  ];
}

type HeldWriter = <R extends Row>(
  operation: string,
  lease: Lease,
  statement: Statement,
  values: readonly unknown[],
  finalStatus?: string,
) => Promise<R | null>;

/**
 * Lease-checked statements: no row means the lease is lost. Unless an attempt before had no answer and the row shows the
 * very ending it was to write: then that attempt was committed, and null comes back.
 */
function createHeldWriter(database: Database): HeldWriter {
  const endedByUs = async (lease: Lease, status: string): Promise<boolean> => {
    const rows = await database.query<{ status: string; lease_token: number }>(EXPLAIN_LEASE, [lease.executionId]);
    return rows[0]?.status === status && rows[0].lease_token === lease.leaseToken;
  };
  return async <R extends Row>(...[operation, lease, statement, values, finalStatus]: Parameters<HeldWriter>) =>
    database.retry(async (attempt) => {
      const rows = await database.query<R>(statement, [lease.executionId, lease.leaseToken, ...values]);
      if (rows[0] !== undefined) return rows[0];
      if (attempt > 1 && finalStatus !== undefined && (await endedByUs(lease, finalStatus))) return null;
      database.observer.onLeaseLost?.({ operation, executionId: lease.executionId });
      throw new LeaseLostError(lease.executionId);
    });
}
