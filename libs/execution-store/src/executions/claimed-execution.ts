import type { SignalDirection } from '@tripline/market';
import type { DecimalString, Position } from '@tripline/trading';
import type { ExecutionDenial, Signal, TriggerMode } from '@tripline/triggers';

import { pipelineOf } from '@tripline/pipeline-store';
import type { AccountState, ClaimedExecution, IntentRecord, DeniedStart, StepRecord } from './execution-records';

/** The account columns of CLAIM and EXPLAIN. */
export interface AccountColumns {
  readonly initial_cash: DecimalString;
  readonly cash: DecimalString;
  readonly account_version: number;
  readonly positions: readonly Position[];
}

/** A row of CLAIM. */
export interface ClaimRow extends AccountColumns {
  readonly id: string;
  /** 1-based index in the statement's list. */
  readonly ord: number;
  /** Why it may not start; it has been ended. */
  readonly denial: ExecutionDenial | null;
  /** Executions that were promoted because of those ended here; the same in every row. */
  readonly promoted: readonly PromotedRow[] | null;
  readonly fresh_until: Date | null;
  readonly lease_token: number;
  readonly pipeline_id: string;
  readonly pipeline_version: number;
  readonly user_id: string;
  readonly trigger_mode: TriggerMode;
  readonly ticker: string | null;
  readonly direction: SignalDirection | null;
  readonly occurred_at: Date;
  readonly attempt: number;
  readonly max_attempts: number;
  readonly dispatch_gen: number;
  readonly created_at: Date;
  readonly lease_until: Date;
  readonly deadline_at: Date;
  readonly traceparent: string | null;
  readonly definition: unknown;
  readonly s_id: string | null;
  readonly s_type: string;
  readonly s_appended_at: Date | null;
  readonly s_source: string;
  readonly s_occurred_at: Date;
  readonly s_tickers: Signal['tickers'];
  readonly s_metadata: Signal['metadata'];
  readonly s_schema_version: number;
  readonly steps: readonly StepRecord[];
  readonly intent: IntentRecord | null;
}

/** A promoted execution, as JSON. */
export interface PromotedRow {
  readonly id: string;
  readonly pipeline_id: string;
  readonly user_id: string;
  readonly dispatch_gen: number;
  readonly traceparent: string | null;
}

export function refusedStartOf(row: ClaimRow & { readonly denial: ExecutionDenial }): DeniedStart {
  return {
    executionId: row.id,
    pipelineId: row.pipeline_id,
    userId: row.user_id,
    triggerMode: row.trigger_mode,
    denial: row.denial,
  };
}

export function claimedExecutionOf(row: ClaimRow): ClaimedExecution {
  return {
    executionId: row.id,
    leaseToken: row.lease_token,
    pipelineId: row.pipeline_id,
    userId: row.user_id,
    triggerMode: row.trigger_mode,
    ticker: row.ticker,
    direction: row.direction,
    occurredAt: row.occurred_at.getTime(),
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    generation: row.dispatch_gen,
    appendedAt: row.s_appended_at?.getTime() ?? null,
    createdAt: row.created_at.getTime(),
    leaseUntil: row.lease_until.getTime(),
    deadlineAt: row.deadline_at.getTime(),
    freshUntil: row.fresh_until?.getTime() ?? null,
    traceparent: row.traceparent,
    pipeline: pipelineOf(row.pipeline_id, row.pipeline_version, row.user_id, row.definition),
    signal: signalOf(row),
    steps: row.steps,
    intent: row.intent,
    account: accountOf(row),
    positions: row.positions,
  };
}

export function accountOf(row: AccountColumns): AccountState {
  return { initialCash: row.initial_cash, cash: row.cash, version: row.account_version };
}

function signalOf(row: ClaimRow): Signal | null {
  if (row.s_id === null) return null;
  return {
    signalId: row.s_id,
    signalType: row.s_type,
    source: row.s_source,
    occurredAt: row.s_occurred_at.getTime(),
    tickers: row.s_tickers,
    metadata: row.s_metadata,
    schemaVersion: row.s_schema_version,
  };
}
