import type { DecisionOutcome } from '@tripline/decisions';
import type { ExecutionStatus, Pipeline, Signal, TriggerMode } from '@tripline/triggers';
import type { IntentState } from '@tripline/trading';

/** P, an entry of the generator's own journal. `acked`: the broker acknowledged the signal. */
export interface PublishedSignal {
  readonly signalId: string;
  readonly acked: boolean;
}

/** K, a record in the topic. */
export interface TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Broker append time, epoch ms. */
  readonly appendedAt: number;
  /** Null: the record is poison. */
  readonly signal: Signal | null;
}

/** A version of a pipeline, in force from `validFrom` to `validTo`, epoch ms; infinite when it was never changed. */
export interface PipelineVersion {
  readonly pipeline: Pipeline;
  readonly validFrom: number;
  readonly validTo: number;
}

/** L, a row of the decision log. Times are epoch ms. */
export interface DecisionLogRow {
  readonly pipelineId: string;
  readonly pipelineVersion: number;
  readonly signalId: string;
  readonly triggerMode: TriggerMode;
  readonly outcome: DecisionOutcome;
  readonly reason: string;
  readonly executionId: string | null;
  /** Null for triggers without an offset in the log. */
  readonly partition: number | null;
  readonly offset: bigint | null;
  readonly decidedAt: number;
}

/** E, an execution with the time it held a slot. Times are epoch ms. */
export interface ExecutionRow {
  readonly id: string;
  readonly pipelineId: string;
  readonly pipelineVersion: number;
  readonly signalId: string;
  readonly status: ExecutionStatus;
  readonly stopReason: string | null;
  /** '' or the ticker. Executions of one pipeline with different keys may overlap. */
  readonly overlapKey: string;
  /** Null: it waits in the queue of its pipeline, or ended there. */
  readonly slot: number | null;
  /**
   * When it took its slot: at its creation or, for an execution that waited, at its promotion (or its start, if the
   * promotion is not recorded). Null when it never held a slot.
   */
  readonly activeFrom: number | null;
  readonly finishedAt: number | null;
}

/** I, an intended order, recorded before it was sent. `params` is a canonical text for comparison. */
export interface IntentRow {
  readonly clientOrderId: string;
  readonly executionId: string;
  readonly params: string;
  readonly state: IntentState;
  /** The first intent of an execution counts; epoch ms, ties in list order. */
  readonly createdAt: number;
}

/** B, an entry of the broker's complete journal: every submission and its result. */
export interface BrokerEntry {
  readonly clientOrderId: string;
  /** Null for an order without an execution, e.g. one that flattens a position. */
  readonly executionId: string | null;
  /** The same canonical text as in the intent. */
  readonly params: string;
  /** Whether the submission created an order. An honest broker says false for a repeated id or a rejection. */
  readonly accepted: boolean;
  readonly at: number;
  /** Decimal strings; absent when the journal does not have them. */
  readonly quantity?: string | undefined;
  readonly filledQuantity?: string | undefined;
  /** Sum of the recorded fills. */
  readonly filledByFills?: string | undefined;
}

/** N, a notification that was sent. */
export interface NotificationRow {
  readonly eventId: string;
  readonly kind: 'execution_started' | 'execution_ended';
  readonly executionId: string;
  /** The status it reported. */
  readonly status: ExecutionStatus;
}

/** Q, a job in the queue. */
export interface QueueJob {
  readonly jobId: string;
  readonly state: 'waiting' | 'active' | 'delayed' | 'completed' | 'failed';
}

/** D, a dead signal by its offset. */
export interface DeadRow {
  readonly partition: number;
  readonly offset: bigint;
}

/** How many writes workers without a lease attempted, and how many were denied. */
export interface ZombieWrites {
  readonly attempted: number;
  readonly rejected: number;
}

/** All recorded facts about one test of the system, from independent sources. */
export interface AuditSnapshot {
  readonly published: readonly PublishedSignal[];
  readonly records: readonly TopicRecord[];
  readonly pipelines: readonly PipelineVersion[];
  readonly decisionLog: readonly DecisionLogRow[];
  readonly executions: readonly ExecutionRow[];
  readonly intents: readonly IntentRow[];
  readonly broker: readonly BrokerEntry[];
  readonly dead: readonly DeadRow[];
  readonly jobs: readonly QueueJob[];
  /** Undecided records once the system was idle. */
  readonly lag: number;
  /** Null: not counted. */
  readonly zombies: ZombieWrites | null;
  /** Null: notifications were not recorded. */
  readonly notifications: readonly NotificationRow[] | null;
}
