import { applyFill, applyFillToCash, type DecimalString, flatPosition, type Position } from '@tripline/domain';
import { failpoint } from '@tripline/runtime';

import type { Database } from '../database/database';
import { ConcurrentChangeError, LeaseLostError } from '../database/errors';
import { fillId } from '../orders/order-rows';
import { accountOf, type AccountColumns } from './claimed-execution';
import type { AccountState } from './execution-records';
import { EXPLAIN_LEASE, SUBMIT } from './execution-sql';
import type { PaperSubmission, SubmissionResult } from './execution-writes';

/** What the fill does to the account it is booked on. */
interface Settlement {
  readonly position: Position;
  readonly realisedPnl: DecimalString;
  readonly cash: DecimalString;
}

interface LeaseRow extends AccountColumns {
  readonly status: string;
  readonly lease_token: number;
}

/** See `ExecutionStore.submitToPaperBroker`. */
export async function submitOrder(database: Database, submission: PaperSubmission): Promise<SubmissionResult> {
  let { account, positions } = submission;
  return database.retry(async (attempt) => {
    const tried = settle(submission, account, positions);
    const rows = await database.query<{ fresh: boolean }>(SUBMIT, submitValues(submission, account, tried));
    await failpoint('W5');
    const row = rows[0];
    if (row !== undefined) return resultOf(row.fresh, tried);

    const found = (await database.query<LeaseRow>(EXPLAIN_LEASE, [submission.executionId]))[0];
    if (found?.lease_token !== submission.leaseToken) throw lost(database, submission.executionId);
    if (found.status !== 'running') {
      // An attempt before this one was committed and its answer lost: it is our own ending.
      if (attempt > 1 && found.status === submission.status) return resultOf(true, tried);
      throw lost(database, submission.executionId);
    }
    // Still ours, so the account has changed (a resting order was filled): settle on what it is now.
    account = accountOf(found);
    positions = found.positions;
    throw new ConcurrentChangeError('the account changed since the claim');
  });
}

function settle(submission: PaperSubmission, account: AccountState, positions: readonly Position[]): Settlement | null {
  const { fill } = submission;
  if (fill === null) return null;
  const before = positions.find((position) => position.ticker === fill.ticker) ?? flatPosition(fill.ticker);
  const { position, realisedPnl } = applyFill(before, fill);
  return { position, realisedPnl, cash: applyFillToCash(account.cash, fill) };
}

function submitValues(submission: PaperSubmission, account: AccountState, settlement: Settlement | null): unknown[] {
  const { order, fill } = submission;
  return [
    submission.executionId,
    submission.leaseToken,
    account.version,
    submission.status,
    submission.stopReason ?? null,
    submission.result === undefined ? null : JSON.stringify(submission.result),
    submission.error ?? null,
    submission.cost,
    JSON.stringify({ ...order, reason: submission.orderReason ?? null, occurredAt: new Date(order.occurredAt) }),
    fill === null
      ? null
      : JSON.stringify({
          ...fill,
          id: fillId(fill),
          filledAt: new Date(fill.filledAt),
          realisedPnl: settlement?.realisedPnl,
        }),
    settlement === null ? null : JSON.stringify(settlement.position),
    settlement?.cash ?? null,
  ];
}

function resultOf(fresh: boolean, settlement: Settlement | null): SubmissionResult {
  return { fresh, position: settlement?.position ?? null, realisedPnl: settlement?.realisedPnl ?? null };
}

function lost(database: Database, executionId: string): LeaseLostError {
  database.observer.onLeaseLost?.({ operation: 'submit', executionId });
  return new LeaseLostError(executionId);
}
