import type { RuleVerdict, Trigger } from '@tripline/decisions';
import type { Pipeline } from '@tripline/triggers';

import type { Queryable } from '@tripline/database';

/** What rules remember, for one deciding transaction. */
export interface RuleSession {
  /** Counts a signal; called once per trigger, in log order. Changes nothing in the database yet. */
  advance(pipeline: Pipeline, trigger: Trigger): RuleVerdict;
  /** Notes a trigger that was refused before its rule was asked. */
  noteDenied(pipeline: Pipeline, trigger: Trigger): void;
  /** Stores what was counted, in the deciding transaction. */
  save(): Promise<void>;
}

/** What is to be counted: a pipeline with a rule, and a ticker a signal named. */
export interface RuleSubject {
  readonly pipeline: Pipeline;
  readonly ticker: string | null;
}

/** Multi-signal rules inside the deciding transaction. */
export interface RuleStage {
  /** Reads what the rules remember. The `trigger_states` rows of the pipelines are locked: nobody else counts for them. */
  open(transaction: Queryable, subjects: readonly RuleSubject[], nowMs: number): Promise<RuleSession>;
}
