import type { ExecutionStatus, Fill, Order, OrderIntent, Pipeline, Position, Signal } from '@tripline/domain';
import type { AccountState, IntentState, LedgerEntry, StepRecord } from '@tripline/persistence';

import type { NotificationRow } from '../../checker/books';

/** A pipeline with its state and its paper account. */
export interface PipelineRow {
  /** The current version. */
  pipeline: Pipeline;
  readonly versions: { readonly pipeline: Pipeline; readonly validFrom: number; validTo: number }[];
  /** Event time of the last trigger, epoch ms. */
  lastOccurredAt: number | null;
  account: AccountState;
  readonly positions: Map<string, Position>;
}

/** A row of `executions`; the names are those of the columns. Times are epoch ms. */
export interface RunRow {
  readonly id: string;
  readonly entry: LedgerEntry;
  readonly createdAt: number;
  readonly overlapKey: string;
  slot: number | null;
  readonly queuedSeq: number | null;
  readonly expiresAt: number | null;
  /** When it took its place; null while it waits for one. */
  activeFrom: number | null;
  status: ExecutionStatus;
  dispatchGen: number;
  requestedAt: number;
  enqueuedAt: number | null;
  attempt: number;
  readonly maxAttempts: number;
  leaseToken: number;
  leaseUntil: number | null;
  deadlineAt: number | null;
  startedAt: number | null;
  finishedAt: number | null;
  stopReason: string | null;
}

export interface IntentStateRow {
  readonly intent: OrderIntent;
  readonly createdAt: number;
  state: IntentState;
}

export interface ProgressRow {
  epoch: number;
  nextOffset: bigint;
}

export interface StoredDecision {
  readonly entry: LedgerEntry;
  readonly partition: number | null;
  readonly offset: bigint | null;
}

/** What the database holds. Every change is made by a transaction of the stores, at one instant. */
export class Tables {
  readonly pipelines = new Map<string, PipelineRow>();
  readonly signals = new Map<string, { readonly signal: Signal; readonly appendedAt: number }>();
  /** By `pipeline/signal`. */
  readonly matches = new Map<string, StoredDecision>();
  readonly executions = new Map<string, RunRow>();
  readonly steps = new Map<string, readonly StepRecord[]>();
  /** By client order id. */
  readonly intents = new Map<string, IntentStateRow>();
  readonly orders = new Map<
    string,
    { readonly order: Order; readonly fill: Fill | null; readonly createdAt: number }
  >();
  /** By `topic/partition/epoch/offset`. */
  readonly dead = new Map<string, { readonly partition: number; readonly offset: bigint }>();
  /** By partition. */
  readonly progress = new Map<number, ProgressRow>();
  readonly outbox = new Map<string, { readonly row: NotificationRow; isSent: boolean }>();
  queuedSeq = 0;
}

export const isActive = ({ status }: Pick<RunRow, 'status'>): boolean => status === 'pending' || status === 'running';

/** Unfinished runs of a pipeline, in the order of their creation. */
export function unfinishedRuns(tables: Tables, pipelineId: string): RunRow[] {
  return [...tables.executions.values()].filter((run) => run.entry.pipelineId === pipelineId && isActive(run));
}

/** Every way a run ends goes through here: final status, intents that were never sent, and the word about it in the outbox. */
export function endRun(
  tables: Tables,
  run: RunRow,
  now: number,
  ending: { readonly status: ExecutionStatus; readonly stopReason?: string | null | undefined },
): void {
  run.status = ending.status;
  run.stopReason = ending.stopReason ?? null;
  run.finishedAt = now;
  run.leaseUntil = null;
  for (const row of tables.intents.values()) {
    if (row.intent.executionId === run.id && row.state === 'intent') row.state = 'abandoned';
  }
  const eventId = `${run.id}:ended`;
  const row = { eventId, kind: 'execution_ended' as const, executionId: run.id, status: ending.status };
  tables.outbox.set(eventId, { row, isSent: false });
}
