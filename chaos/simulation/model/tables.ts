import type { RuleState, UserQuota } from '@tripline/decisions';
import type { SignalDirection } from '@tripline/market';
import type { Halt } from '@tripline/risk';
import { INTENT_LIFECYCLE, type IntentState, type OrderIntent, type Position } from '@tripline/trading';
import type { ExecutionStatus, Pipeline, Signal, TriggerMode } from '@tripline/triggers';
import type { DecisionLogEntry } from '@tripline/decision-store';
import type { AccountState, StepRecord } from '@tripline/execution-store';

import type { BrokerEntry, NotificationRow, ZombieWrites } from '@tripline/audit';

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

/** A row of `executions`, named after the columns. Times are epoch ms. */
export interface RunRow {
  readonly id: string;
  readonly userId: string;
  readonly pipelineId: string;
  readonly pipelineVersion: number;
  readonly triggerMode: TriggerMode;
  readonly signalId: string;
  readonly ticker: string | null;
  readonly direction: SignalDirection | null;
  readonly occurredAt: number;
  readonly createdAt: number;
  readonly overlapKey: string;
  slot: number | null;
  readonly queuedSeq: number | null;
  readonly expiresAt: number | null;
  /** When the execution took its slot; null while it waits for one. */
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
  /** Token of the worker that ended the execution; null if something else ended it. */
  endedByToken: number | null;
}

export interface IntentStateRow {
  readonly intent: OrderIntent;
  readonly createdAt: number;
  updatedAt: number;
  state: IntentState;
}

export interface RuleRow {
  readonly pipelineId: string;
  readonly ticker: string;
  readonly version: number;
  readonly state: RuleState;
  readonly dueAt: number | null;
  readonly staleAt: number;
}

export interface ProgressRow {
  epoch: number;
  nextOffset: bigint;
}

export interface DecisionLogLine extends DecisionLogEntry {
  readonly partition: number | null;
  readonly offset: bigint | null;
}

/** The database contents. Every change is made by a statement or transaction, at one instant. */
export class Tables {
  readonly pipelines = new Map<string, PipelineRow>();
  readonly signals = new Map<string, { readonly signal: Signal; readonly appendedAt: number | null }>();
  /** By `pipeline/signal`. */
  readonly matches = new Map<string, DecisionLogLine>();
  readonly executions = new Map<string, RunRow>();
  readonly steps = new Map<string, readonly StepRecord[]>();
  /** By client order id. */
  readonly intents = new Map<string, IntentStateRow>();
  /** Client order ids. */
  readonly orders = new Set<string>();
  /** By `topic/partition/epoch/offset`. */
  readonly dead = new Map<string, { readonly partition: number; readonly offset: bigint }>();
  /** By partition. */
  readonly progress = new Map<number, ProgressRow>();
  readonly halts: Halt[] = [];
  /** Users granted trading at each venue that is not a paper venue, by venue. */
  readonly venueGrants = new Map<string, Set<string>>();
  readonly quotas = new Map<string, UserQuota>();
  readonly usage = new Map<string, { minuteMs: number; minute: number; dayMs: number; day: number }>();
  /** The state of rules, by `pipeline/ticker`. */
  readonly rules = new Map<string, RuleRow>();
  readonly outbox = new Map<string, { readonly row: NotificationRow; isSent: boolean }>();
  queuedSeq = 0;
  /** The journal of the internal broker, which loses nothing. */
  readonly broker: BrokerEntry[] = [];
  /** Writes of workers that had lost their lease. */
  readonly zombies: { -readonly [K in keyof ZombieWrites]: ZombieWrites[K] } = { attempted: 0, rejected: 0 };
}

export const isActive = ({ status }: Pick<RunRow, 'status'>): boolean => status === 'pending' || status === 'running';

/** Unfinished executions of a pipeline, in the order of their creation. */
export function unfinishedRuns(tables: Tables, pipelineId: string): RunRow[] {
  return [...tables.executions.values()].filter((run) => run.pipelineId === pipelineId && isActive(run));
}

/** Every ending of an execution passes through here: it sets the final status and writes the outbox entry. */
export function endRun(
  tables: Tables,
  run: RunRow,
  now: number,
  ending: { readonly status: ExecutionStatus; readonly stopReason: string | null; readonly byToken: number | null },
): void {
  run.status = ending.status;
  run.stopReason = ending.stopReason;
  run.finishedAt = now;
  run.leaseUntil = null;
  run.endedByToken = ending.byToken;
  const eventId = `${run.id}:ended`;
  const row = { eventId, kind: 'execution_ended' as const, executionId: run.id, status: ending.status };
  tables.outbox.set(eventId, { row, isSent: false });
}

/** Abandons intents that were never sent. */
export function abandonIntents(tables: Tables, executionId: string): void {
  for (const row of tables.intents.values()) {
    if (row.intent.executionId !== executionId) continue;
    row.state = INTENT_LIFECYCLE.after(row.state, 'withdraw') ?? row.state;
  }
}

/** Promotes an execution to slot 0. */
export function promote(run: RunRow, now: number): void {
  run.slot = 0;
  run.activeFrom = now;
  requestJob(run, now);
}

/** Gives the slot of an ended execution to the next waiting execution that is not locked. */
export function promoteNext({ tables, now, isTaken }: PromotionContext, ended: RunRow): RunRow[] {
  if (ended.slot !== 0 || isTaken(`place ${ended.pipelineId}/${ended.overlapKey}/0`)) return [];
  const next = waitingRuns(tables, ended.pipelineId, ended.overlapKey, now).find(({ id }) => !isTaken(`run ${id}`));
  if (next === undefined) return [];
  promote(next, now);
  return [next];
}

interface PromotionContext {
  readonly tables: Tables;
  readonly now: number;
  isTaken(key: string): boolean;
}

/** Waiting executions that have not timed out, in queue order. */
export function waitingRuns(tables: Tables, pipelineId: string, overlapKey: string, now: number): RunRow[] {
  return unfinishedRuns(tables, pipelineId)
    .filter((run) => run.overlapKey === overlapKey && run.slot === null && (run.expiresAt ?? Infinity) > now)
    .sort((a, b) => (a.queuedSeq ?? 0) - (b.queuedSeq ?? 0));
}

/** Increments the generation; the new one needs a new job. */
export function requestJob(run: RunRow, now: number): void {
  run.dispatchGen += 1;
  run.requestedAt = now;
  run.enqueuedAt = null;
  run.leaseUntil = null;
}
