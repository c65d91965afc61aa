import type { DecisionOutcome } from '@tripline/decisions';
import type { ExecutionStatus, Pipeline, Signal, TriggerMode } from '@tripline/triggers';
import type { IntentState } from '@tripline/trading';

/** P, a line of the generator's own journal. `acked`: the broker said that it holds the signal. */
export interface PublishedSignal {
  readonly signalId: string;
  readonly acked: boolean;
}

/** K, a record as it stands in the topic. */
export interface TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Broker append time, epoch ms. */
  readonly appendedAt: number;
  /** Null: the record is poison. */
  readonly signal: Signal | null;
}

/** What a pipeline was from `validFrom` to `validTo`, epoch ms; infinite when it was never changed. */
export interface PipelineVersion {
  readonly pipeline: Pipeline;
  readonly validFrom: number;
  readonly validTo: number;
}

/** L, a line of the ledger. Times are epoch ms. */
export interface DecisionLogRow {
  readonly pipelineId: string;
  readonly pipelineVersion: number;
  readonly signalId: string;
  readonly triggerMode: TriggerMode;
  readonly outcome: DecisionOutcome;
  readonly reason: string;
  readonly executionId: string | null;
  /** Null for triggers without a place in the log. */
  readonly partition: number | null;
  readonly offset: bigint | null;
  readonly decidedAt: number;
}

/** E, an execution with the time it held a place. Times are epoch ms. */
export interface ExecutionRow {
  readonly id: string;
  readonly pipelineId: string;
  readonly pipelineVersion: number;
  readonly signalId: string;
  readonly status: ExecutionStatus;
  readonly stopReason: string | null;
  /** '' or the ticker: runs of one pipeline with different keys may overlap. */
  readonly overlapKey: string;
  /** Null: it waits in the queue of its pipeline, or never left it. */
  readonly slot: number | null;
  /**
   * When it took its place: its creation, or for a run that waited first the promotion (or, where that is not recorded,
   * the start). Null when it never held a place.
   */
  readonly activeFrom: number | null;
  readonly finishedAt: number | null;
}

/** I, what was decided to send before it was sent. `params` is a canonical text, to be compared. */
export interface IntentRow {
  readonly clientOrderId: string;
  readonly executionId: string;
  readonly params: string;
  readonly state: IntentState;
  /** The first intent of an execution counts; epoch ms, ties by order in the list. */
  readonly createdAt: number;
}

/** B, a line of the broker's journal, which drops nothing: every submission with what the broker did with it. */
export interface BrokerEntry {
  readonly clientOrderId: string;
  /** Null for an order that belongs to no run, e.g. one that flattens a position. */
  readonly executionId: string | null;
  /** The same canonical text as that of the intent. */
  readonly params: string;
  /** An order was made of it: a second time under the same id, or a refusal, is false with an honest broker. */
  readonly accepted: boolean;
  readonly at: number;
  /** Decimal strings; absent when the journal does not know. */
  readonly quantity?: string | undefined;
  readonly filledQuantity?: string | undefined;
  /** Sum over the fills on record. */
  readonly filledByFills?: string | undefined;
}

/** N, a notification that went out. */
export interface NotificationRow {
  readonly eventId: string;
  readonly kind: 'execution_started' | 'execution_ended';
  readonly executionId: string;
  /** The status it told of. */
  readonly status: ExecutionStatus;
}

/** Q, a job as the queue holds it. */
export interface QueueJob {
  readonly jobId: string;
  readonly state: 'waiting' | 'active' | 'delayed' | 'completed' | 'failed';
}

/** D, a dead signal by its place. */
export interface DeadRow {
  readonly partition: number;
  readonly offset: bigint;
}

/** How often a worker without its lease tried to write, and how often it was refused. */
export interface ZombieWrites {
  readonly attempted: number;
  readonly rejected: number;
}

/** Everything that is known about one run of the system, from sources that do not know of each other. */
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
  /** Records nobody has decided about when everything had come to rest. */
  readonly lag: number;
  /** Null: nobody counted. */
  readonly zombies: ZombieWrites | null;
  /** Null: notifications were not recorded. */
  readonly notifications: readonly NotificationRow[] | null;
}
