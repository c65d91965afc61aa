import type { DecisionDetail, DecisionOutcome, DecisionReason, RunEnd } from '@tripline/decisions';
import type { SignalDirection } from '@tripline/market';
import type { Pipeline, Signal, SignalSubscription, TriggerMode } from '@tripline/triggers';

import type { DueExecution } from '@tripline/execution-store';

/** What matching found, in memory, possibly with a version that has changed since. */
export interface ChunkMatch {
  readonly pipeline: Pipeline;
  readonly ticker: string;
  readonly confidence: number;
  readonly direction: SignalDirection;
  /** The subscription that matched, for the ledger's `min_confidence`. */
  readonly subscription?: SignalSubscription | null | undefined;
}

/** A valid record of the topic; also those that matched nothing, so that they are counted. */
export interface ChunkRecord {
  readonly offset: bigint;
  /** Broker append time, epoch ms: freshness is measured from it against Postgres' clock. */
  readonly appendedAtMs: number;
  readonly signal: Signal;
  readonly matches: readonly ChunkMatch[];
  readonly traceparent?: string | null | undefined;
}

/** A record of the topic that is no signal. */
export interface DeadRecord {
  readonly offset: bigint;
  readonly reason: string;
  /** For people; cut at 500 characters. */
  readonly detail?: string | undefined;
  readonly rawSha256: string;
  /** Cut at 256 bytes. */
  readonly rawPrefix: Buffer;
  readonly traceparent?: string | null | undefined;
}

export interface DecisionChunk {
  readonly topic: string;
  readonly partition: number;
  /** Grows when the topic was made anew; default: the partition's current one. */
  readonly epoch?: number | undefined;
  /** Where the log ended when the chunk was fetched; when before the progress, the chunk is refused with `LogTruncatedError`. */
  readonly highWatermark?: bigint | undefined;
  readonly records: readonly ChunkRecord[];
  /** Valid records that matched nothing, in log order, where the caller knows that already: only counted. */
  readonly unmatched?: readonly { readonly offset: bigint }[] | undefined;
  readonly deadSignals: readonly DeadRecord[];
  /** Offset after the last record of the chunk. */
  readonly nextOffset: bigint;
}

/** One line of the ledger: why a trigger did or did not start a pipeline. Times are epoch ms. */
export interface DecisionLogEntry {
  readonly pipelineId: string;
  readonly userId: string;
  readonly pipelineVersion: number;
  /** The signal's id; for periodic and manual runs the trigger's id. */
  readonly signalId: string;
  readonly signalType: string | null;
  readonly triggerMode: TriggerMode;
  readonly ticker: string | null;
  readonly direction: SignalDirection | null;
  readonly confidence: number | null;
  readonly outcome: DecisionOutcome;
  readonly reason: DecisionReason;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly executionId: string | null;
  readonly occurredAt: number;
  readonly decidedAt: number;
}

/** An execution that waits for its job. */
export type CreatedExecution = DueExecution;

/** What a chunk added to the partition's counters: 0 for what was counted before. */
export interface ChunkCounts {
  readonly records: number;
  readonly valid: number;
  readonly dead: number;
  readonly matched: number;
  readonly unmatched: number;
  /** Matched records whose pairs were all decided before: the producer sent the signal twice. */
  readonly duplicates: number;
}

export interface ChunkResult {
  /** Fresh decisions only, in log order; a redelivered chunk has none. */
  readonly decisions: readonly DecisionLogEntry[];
  /** Runs to be enqueued; those that wait in a pipeline's queue are not among them. */
  readonly created: readonly CreatedExecution[];
  /**
   * Runs that ended because of a decision: replaced, superseded, or tired of waiting. Of chunks that shared a transaction, the first
   * has those of all.
   */
  readonly ended: readonly RunEnd[];
  readonly counted: ChunkCounts;
  /** `next_off` before this chunk; null when the partition was never seen. A first offset above it is a gap. */
  readonly previousNextOffset: bigint | null;
}

/** A trigger that has no place in the log: periodic, manual, webhook. */
export interface DirectTrigger {
  readonly pipelineId: string;
  /** Identity: the same id never starts a second run. For periodic runs derived from pipeline and due time. */
  readonly triggerId: string;
  readonly triggerMode: TriggerMode;
  /** Epoch ms. */
  readonly occurredAt: number;
  /** Null: the pipeline's first ticker. */
  readonly ticker?: string | null | undefined;
  /** Data-quality score of a webhook, 0..1. */
  readonly quality?: number | null | undefined;
  /** What a rule's deadline rested on: the trigger is the firing of the pipeline's own rule (`triggerMode` signal). */
  readonly firing?: DecisionDetail | null | undefined;
  readonly traceparent?: string | null | undefined;
  /** What a webhook says of its event. */
  readonly direction?: SignalDirection | null | undefined;
  /** 0..100. */
  readonly confidence?: number | null | undefined;
  /** Scheduled runs that nobody was there for: decided EXPIRED `schedule_missed` with this detail, without a run. */
  readonly missed?: DecisionDetail | undefined;
}

export interface TriggerResult {
  readonly decisions: readonly DecisionLogEntry[];
  readonly created: readonly CreatedExecution[];
  readonly ended: readonly RunEnd[];
  /** Pipelines that do not exist or are not active (manual runs may start an inactive one). */
  readonly unknown: readonly string[];
}
