import type { OrderIntent } from '@tripline/trading';
import type { ExecutionDenial } from '@tripline/triggers';

import {
  type Database,
  jsonParameter,
  type LeasedWrite,
  LeaseLostError,
  type Row,
  type Statement,
} from '@tripline/database';
import { type ClaimResult, createClaims } from './claim-runs';
import { createEndings } from './end-runs';
import type { DueExecution, IntentRecord, Lease } from './execution-records';
import { CHECKPOINT, RELEASE, RENEW } from './execution-sql';
import type { Checkpoint, CheckpointResult, ClaimOptions, Ending, EndingResult, OrderEnding } from './execution-writes';

export interface ExecutionStore {
  /**
   * Null: nothing to do (finished, claimed by another worker, an older generation). An execution that may not start any
   * more (halted, too old, switched off) is ended and returned with its denial. Concurrent claims share a statement.
   */
  claim(executionId: string, generation: number, options: ClaimOptions): Promise<ClaimResult>;
  /** All leases of a process in one statement; returns the executions that are still held. */
  renew(leases: readonly Lease[], leaseMs: number): Promise<ReadonlySet<string>>;
  /** Stores steps and intent before the order goes to an external broker. Throws `LeaseLostError`. */
  checkpoint(checkpoint: Checkpoint): Promise<CheckpointResult>;
  /** Ends an execution without an order. Concurrent endings share a statement. Throws `LeaseLostError`. */
  finish(ending: Ending): Promise<EndingResult>;
  /** Steps, intent, order, fill, position, cash and final status in one statement. Throws `LeaseLostError`. */
  finishWithOrder(ending: OrderEnding): Promise<EndingResult>;
  /**
   * Requeues an execution after a transient failure: pending with the next generation, or failed when attempts are used
   * up.
   */
  release(lease: Lease, error: string): Promise<{ status: 'pending' | 'failed'; generation: number }>;
}

export interface ExecutionStoreOptions {
  /** Executions promoted because another ended; they need a job. Called after the commit; must not throw. */
  readonly onPromoted?: (runs: readonly DueExecution[]) => void;
}

const MAX_ERROR_LENGTH = 2_000;

export function createExecutionStore(database: Database, options: ExecutionStoreOptions = {}): ExecutionStore {
  const onPromoted = options.onPromoted ?? (() => undefined);
  const claim = createClaims(database, onPromoted);
  const end = createEndings(database, onPromoted);
  const held = createHeldWriter(database);
  return {
    claim: async (executionId, generation, claimOptions) => claim({ executionId, generation, ...claimOptions }),
    renew: async (leases, leaseMs) => renewAll(database, leases, leaseMs),
    checkpoint: async ({ steps, intent, guard, ...lease }) => {
      const until = guard.freshUntil === null ? null : new Date(guard.freshUntil);
      const values = [jsonParameter(steps), JSON.stringify(intent), guard.venue, until];
      const row = await held<CheckpointRow>('checkpoint', lease, CHECKPOINT, values);
      if (row.denial !== null) return { denial: row.denial, intent: null };
      return { denial: null, intent: { intent: row.params, state: row.state, submittedAt: row.submitted_ms } };
    },
    finish: end,
    finishWithOrder: end,
    release: async (lease, error) => {
      const row = await held<ReleaseRow>('release', lease, RELEASE, [error.slice(0, MAX_ERROR_LENGTH)]);
      return { status: row.status, generation: row.dispatch_gen };
    },
  };
}

interface CheckpointRow {
  readonly denial: ExecutionDenial | null;
  readonly params: OrderIntent;
  readonly state: IntentRecord['state'];
  readonly submitted_ms: number;
}

interface ReleaseRow {
  readonly status: 'pending' | 'failed';
  readonly dispatch_gen: number;
}

async function renewAll(database: Database, leases: readonly Lease[], leaseMs: number): Promise<ReadonlySet<string>> {
  if (leases.length === 0) return new Set();
  const sorted = [...leases].sort((a, b) => (a.executionId < b.executionId ? -1 : 1));
  const rows = await database.retry(
    async () =>
      database.query<{ id: string }>(RENEW, [
        sorted.map((lease) => lease.executionId),
        sorted.map((lease) => lease.leaseToken),
        leaseMs,
      ]),
    // A lease that cannot be renewed before it expires is lost anyway.
    { deadlineMs: leaseMs },
  );
  return new Set(rows.map((row) => row.id));
}

type HeldWriter = <R extends Row>(
  operation: LeasedWrite,
  lease: Lease,
  statement: Statement,
  values: readonly unknown[],
) => Promise<R>;

/** Lease-checked statements of one execution: no row means the lease is lost. */
function createHeldWriter(database: Database): HeldWriter {
  return async <R extends Row>(...[operation, lease, statement, values]: Parameters<HeldWriter>) =>
    database.retry(async () => {
      const rows = await database.query<R>(statement, [lease.executionId, lease.leaseToken, ...values]);
      if (rows[0] !== undefined) return rows[0];
      database.observer.onLeaseLost?.({ operation, executionId: lease.executionId });
      throw new LeaseLostError(lease.executionId);
    });
}
