import type { Pipeline, TriggerMode } from '@tripline/triggers';
import type { SignalDirection } from '@tripline/market';
import type { DecisionOutcome } from './outcome';
import type { DecisionReason } from './reasons';

/** An unfinished execution of a pipeline. */
export interface ActiveRun {
  readonly executionId: string;
  /** Its overlap key: '' for the whole pipeline, else the ticker. */
  readonly overlapKey: string;
  /** Its slot among the active executions of its key; null while it waits in the queue. */
  readonly slot: number | null;
  /** When it expires in the queue, epoch ms; null for never. */
  readonly expiresAtMs: number | null;
}

/** The state of a pipeline that a decision needs, read under its row lock. */
export interface PipelineState {
  readonly pipelineId: string;
  /** Whether the pipeline is active now. The matched snapshot may be older. */
  readonly isActive: boolean;
  readonly version: number;
  /** The unfinished executions. Waiting ones are in queue order. */
  readonly runs: readonly ActiveRun[];
  /** Event time (epoch ms) of the last trigger that was TRIGGERED; null when there was none. */
  readonly lastTriggeredAt: number | null;
}

/** A request for an execution of a pipeline. */
export interface Trigger {
  /** The signal's id, or a UUID created for the periodic, manual or webhook trigger. */
  readonly triggerId: string;
  readonly mode: TriggerMode;
  /** Event time, epoch ms. Cooldown and market hours are measured in it, so that replay and live operation agree. */
  readonly occurredAt: number;
  /** When Kafka appended it, epoch ms. */
  readonly appendedAtMs: number;
  /** The ticker that matched; null when the trigger names none (periodic, manual). */
  readonly ticker: string | null;
  /** 0..100; null when the trigger has none. */
  readonly confidence: number | null;
  /** Minimum confidence of the matching subscription; null when it has none. */
  readonly minConfidence: number | null;
  /** Data-quality score, 0..1; null when the trigger has none. Checked for signals and webhooks only. */
  readonly quality: number | null;
  /** Type, source and direction of the signal; null when the trigger is not a signal. */
  readonly signalType: string | null;
  readonly source: string | null;
  readonly direction: SignalDirection | null;
  /** The signals of a rule that has already fired (the deadline of an absence), else null. */
  readonly firing: DecisionDetail | null;
  /** Scheduled executions that were missed because no scheduler was running, and are not caught up. */
  readonly missed?: DecisionDetail | undefined;
}

/** A value of a detail: JSON. */
export type DetailValue =
  string | number | boolean | null | readonly DetailValue[] | { readonly [key: string]: DetailValue };

/** The values behind a decision. Keys are snake case, because they are stored and shown as they are. */
export type DecisionDetail = Readonly<Record<string, DetailValue>>;

/** An execution that ends because of a decision. */
export interface RunEnd {
  readonly executionId: string;
  readonly status: 'cancelled' | 'skipped';
  readonly stopReason: 'replaced' | 'superseded' | 'queue_ttl_expired';
}

/** The slot of a TRIGGERED execution, and the executions it replaces. */
export interface RunPlan {
  readonly overlapKey: string;
  /** Null: it waits in the queue. */
  readonly slot: number | null;
  readonly expiresAtMs: number | null;
  readonly ends: readonly RunEnd[];
}

export interface Decision {
  readonly outcome: DecisionOutcome;
  readonly reason: DecisionReason;
  readonly detail: DecisionDetail;
  /** Null unless TRIGGERED. */
  readonly plan: RunPlan | null;
}

/** A trigger waiting for its decision. */
export interface PendingTrigger {
  /** The pipeline as it was matched. An execution uses this version. */
  readonly pipeline: Pipeline;
  readonly trigger: Trigger;
}

/** The execution that a decision creates. */
export interface NewRun {
  readonly executionId: string;
  readonly overlapKey: string;
  readonly slot: number | null;
  readonly expiresAtMs: number | null;
  /** A later trigger of the same sequence has already replaced it: it never starts. */
  readonly endedAs: RunEnd | null;
}

/** A trigger with its one decision. */
export interface DecidedTrigger extends PendingTrigger {
  readonly decision: Decision;
  /** The execution to create; null unless TRIGGERED. */
  readonly run: NewRun | null;
}
