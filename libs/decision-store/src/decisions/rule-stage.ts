import type { RuleVerdict, Trigger } from '@tripline/decisions';
import type { Pipeline } from '@tripline/triggers';

import type { Queryable } from '@tripline/database';

/** The rule states of one deciding transaction. */
export interface RuleSession {
  /** Counts a signal. Called once per trigger, in log order. Does not write to the database yet. */
  advance(pipeline: Pipeline, trigger: Trigger): RuleVerdict;
  /** Notes a trigger that was denied before its rule was asked. */
  noteDenied(pipeline: Pipeline, trigger: Trigger): void;
  /** Stores the counted signals, in the deciding transaction. */
  save(): Promise<void>;
}

/** A pair to count: a pipeline with a rule, and a ticker of a signal. */
export interface RuleSubject {
  readonly pipeline: Pipeline;
  readonly ticker: string | null;
}

/** Multi-signal rules inside the deciding transaction. */
export interface RuleStage {
  /**
   * Reads the rule states. The caller holds the locks of the pipelines' `trigger_states` rows, so no other transaction
   * counts for them.
   */
  open(transaction: Queryable, subjects: readonly RuleSubject[], nowMs: number): Promise<RuleSession>;
}
