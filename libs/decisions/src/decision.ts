import type { Pipeline, TriggerMode } from '@tripline/triggers';
import type { SignalDirection } from '@tripline/market';
import type { DecisionOutcome } from './outcome';
import type { DecisionReason } from './reasons';

/** An unfinished run of a pipeline. */
export interface ActiveRun {
  readonly executionId: string;
  /** What it must not overlap with: '' for the whole pipeline, else the ticker. */
  readonly overlapKey: string;
  /** The place it holds among the active runs of its key; null while it waits in the queue. */
  readonly slot: number | null;
  /** End of its patience in the queue, epoch ms; null for none. */
  readonly expiresAtMs: number | null;
}

/** What the decision needs to know of a pipeline at this moment, read under its row lock. */
export interface PipelineState {
  readonly pipelineId: string;
  /** Whether the pipeline is switched on now; the matched snapshot may be older. */
  readonly isActive: boolean;
  readonly version: number;
  /** The unfinished runs; those that wait stand in the order of their turn. */
  readonly runs: readonly ActiveRun[];
  /** Event time (epoch ms) of the last trigger that was TRIGGERED; null when there was none. */
  readonly lastTriggeredAt: number | null;
}

/** Something that asks for a run of a pipeline. */
export interface Trigger {
  /** The signal's id, or a UUID made for the periodic, manual or webhook trigger. */
  readonly triggerId: string;
  readonly mode: TriggerMode;
  /** Event time, epoch ms: what cooldown and market hours are measured in, so that replay and live agree. */
  readonly occurredAt: number;
  /** When the log took it, epoch ms. */
  readonly appendedAtMs: number;
  /** The ticker that matched; null when the trigger names none (periodic, manual). */
  readonly ticker: string | null;
  /** 0..100; null when the trigger has none. */
  readonly confidence: number | null;
  /** Least confidence of the subscription that matched; null when there was none to meet. */
  readonly minConfidence: number | null;
  /** Data-quality score, 0..1; null when the trigger names none. Only asked of signals and webhooks. */
  readonly quality: number | null;
  /** Type, source and direction of the signal; null when the trigger is none. */
  readonly signalType: string | null;
  readonly source: string | null;
  readonly direction: SignalDirection | null;
  /** The rule of the pipeline has fired already (the deadline of an absence): what it rested on. Else null. */
  readonly firing: DecisionDetail | null;
  /** Scheduled runs that nobody was there for, and that are not made up for: which. */
  readonly missed?: DecisionDetail | undefined;
}

/** A value of a detail: JSON. */
export type DetailValue =
  string | number | boolean | null | readonly DetailValue[] | { readonly [key: string]: DetailValue };

/** The values a decision rested on; keys are snake case because they are stored and shown as they are. */
export type DecisionDetail = Readonly<Record<string, DetailValue>>;

/** A run that ends because of a decision. */
export interface RunEnd {
  readonly executionId: string;
  readonly status: 'cancelled' | 'skipped';
  readonly stopReason: 'replaced' | 'superseded' | 'queue_ttl_expired';
}

/** Where a run that was TRIGGERED goes, and which runs make way for it. */
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

/** A trigger that waits for its decision. */
export interface PendingTrigger {
  /** The pipeline as it was matched; an execution runs this version. */
  readonly pipeline: Pipeline;
  readonly trigger: Trigger;
}

/** The run a decision creates. */
export interface NewRun {
  readonly executionId: string;
  readonly overlapKey: string;
  readonly slot: number | null;
  readonly expiresAtMs: number | null;
  /** A later trigger of the same sequence has replaced it already: it never starts. */
  readonly endedAs: RunEnd | null;
}

/** A trigger with its one decision. */
export interface DecidedTrigger extends PendingTrigger {
  readonly decision: Decision;
  /** The execution to create; null unless TRIGGERED. */
  readonly run: NewRun | null;
}
