import type { Pipeline, TriggerMode } from '../pipelines/pipeline';
import type { DecisionOutcome } from './outcome';

/** What the decision needs to know of a pipeline at this moment, read under its row lock. */
export interface PipelineState {
  readonly pipelineId: string;
  /** Whether the pipeline is switched on now; the matched snapshot may be older. */
  readonly isActive: boolean;
  readonly version: number;
  /** The pending or running execution; null when the one active place is free. */
  readonly activeExecutionId: string | null;
  /** Event time (epoch ms) of the last trigger that was TRIGGERED; null when there was none. */
  readonly lastTriggeredAt: number | null;
}

/** Something that asks for a run of a pipeline. */
export interface Trigger {
  /** The signal's id, or a UUID made for the periodic, manual or webhook trigger. */
  readonly triggerId: string;
  readonly mode: TriggerMode;
  /** Event time, epoch ms: what cooldown is measured in, so that replay and live agree. */
  readonly occurredAt: number;
  /** When the log took it, epoch ms: what the maximum age is measured from. */
  readonly appendedAtMs: number;
  /** The ticker that matched; null when the trigger names none (periodic, manual). */
  readonly ticker: string | null;
  /** 0..100; null when the trigger has none. */
  readonly confidence: number | null;
}

/** Why a decision came out as it did; the closed list behind the ledger's `reason`. */
export const DECISION_REASONS = [
  'trigger_accepted',
  'signal_too_old',
  'pipeline_inactive',
  'execution_active',
  'cooldown_running',
] as const;
export type DecisionReason = (typeof DECISION_REASONS)[number];

/** The values a decision rested on; keys are snake case because they are stored and shown as they are. */
export type DecisionDetail = Readonly<Record<string, string | number | boolean | null>>;

export interface Decision {
  readonly outcome: DecisionOutcome;
  readonly reason: DecisionReason;
  readonly detail: DecisionDetail;
}

/** A trigger that waits for its decision. */
export interface PendingTrigger {
  /** The pipeline as it was matched; an execution runs this version. */
  readonly pipeline: Pipeline;
  readonly trigger: Trigger;
}

/** A trigger with its one decision. */
export interface DecidedTrigger extends PendingTrigger {
  readonly decision: Decision;
  /** The execution to create; null unless TRIGGERED. */
  readonly executionId: string | null;
}
