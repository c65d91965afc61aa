import type { DecisionDetail, DecisionOutcome, DecisionReason, RunEnd } from '@tripline/decisions';
import type { SignalDirection } from '@tripline/market';
import type { Pipeline, Signal, SignalSubscription, TriggerMode } from '@tripline/triggers';

import type { DueExecution } from '@tripline/execution-store';

/** An in-memory match. The pipeline may have changed since. */
export interface ChunkMatch {
  readonly pipeline: Pipeline;
  readonly ticker: string;
  readonly confidence: number;
  readonly direction: SignalDirection;
  /** The subscription that matched, for the decision log's `min_confidence`. */
  readonly subscription?: SignalSubscription | null | undefined;
}

/** A valid record of the topic. Records without a match are included, so that they are counted. */
export interface ChunkRecord {
  readonly offset: bigint;
  /** Broker append time, epoch ms. Freshness is measured from it against PostgreSQL's clock. */
  readonly appendedAtMs: number;
  readonly signal: Signal;
  readonly matches: readonly ChunkMatch[];
  readonly traceparent?: string | null | undefined;
}

/** A record of the topic that is not a valid signal. */
export interface DeadRecord {
  readonly offset: bigint;
  readonly reason: string;
  /** Human-readable; cut at 500 characters. */
  readonly detail?: string | undefined;
  readonly rawSha256: string;
  /** Cut at 256 bytes. */
  readonly rawPrefix: Buffer;
  readonly traceparent?: string | null | undefined;
}

export interface DecisionChunk {
  readonly topic: string;
  readonly partition: number;
  /** Incremented when the topic was recreated; default: the partition's current one. */
  readonly epoch?: number | undefined;
  /**
   * End of the log when the chunk was fetched. If it is before the progress, the chunk fails with `LogTruncatedError`.
   */
  readonly highWatermark?: bigint | undefined;
  readonly records: readonly ChunkRecord[];
  /** Valid records without a match, in log order, if the caller already knows them: only counted. */
  readonly unmatched?: readonly { readonly offset: bigint }[] | undefined;
  readonly deadSignals: readonly DeadRecord[];
  /** Offset after the last record of the chunk. */
  readonly nextOffset: bigint;
}

/** One row of the decision log: why a trigger did or did not start a pipeline. Times are epoch ms. */
export interface DecisionLogEntry {
  readonly pipelineId: string;
  readonly userId: string;
  readonly pipelineVersion: number;
  /** The signal's id or, for periodic and manual triggers, the trigger's id. */
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

/** What a chunk added to the partition's counters; 0 for records counted before. */
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
  /** Executions to enqueue, without those waiting in a pipeline's queue. */
  readonly created: readonly CreatedExecution[];
  /**
   * Executions that ended because of a decision: replaced, superseded, or expired in the queue. If chunks shared a
   * transaction, the first one has all of them.
   */
  readonly ended: readonly RunEnd[];
  readonly counted: ChunkCounts;
  /** `next_off` before this chunk; null when the partition had no progress. A first offset above it is a gap. */
  readonly previousNextOffset: bigint | null;
}

/** A trigger without an offset in the log: periodic, manual, webhook. */
export interface DirectTrigger {
  readonly pipelineId: string;
  /**
   * Identity: the same id never starts a second execution. For periodic triggers it is derived from pipeline and due
   * time.
   */
  readonly triggerId: string;
  readonly triggerMode: TriggerMode;
  /** Epoch ms. */
  readonly occurredAt: number;
  /** Null: the pipeline's first ticker. */
  readonly ticker?: string | null | undefined;
  /** Data-quality score of a webhook, 0..1. */
  readonly quality?: number | null | undefined;
  /**
   * The signals behind a rule's deadline: the trigger is a firing of the pipeline's own rule (`triggerMode` signal).
   */
  readonly firing?: DecisionDetail | null | undefined;
  readonly traceparent?: string | null | undefined;
  /** The webhook's description of its event. */
  readonly direction?: SignalDirection | null | undefined;
  /** 0..100. */
  readonly confidence?: number | null | undefined;
  /** Missed scheduled executions: decided EXPIRED `schedule_missed` with this detail, without an execution. */
  readonly missed?: DecisionDetail | undefined;
}

export interface TriggerResult {
  readonly decisions: readonly DecisionLogEntry[];
  readonly created: readonly CreatedExecution[];
  readonly ended: readonly RunEnd[];
  /** Pipelines that do not exist or are not active (a manual trigger may start an inactive one). */
  readonly unknown: readonly string[];
}
