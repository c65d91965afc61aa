import type { Database } from '@tripline/database';
import type { TriggerResult } from '../decisions/decision-records';
import { fireDueIn } from './fire-due';
import { PURGE_RULE_STATES } from './rule-sql';

export interface FiredRules extends TriggerResult {
  /** Number of due states; if it equals the limit there may be more. */
  readonly due: number;
}

export interface RuleStore {
  /**
   * Decides the triggers of deadlines that have passed by PostgreSQL's clock, for at most `limit` states. Any number of
   * dispatchers may call it: each deadline fires once.
   */
  fireDue(limit: number): Promise<FiredRules>;
  /** Deletes states that no signal can need any more; returns how many, at most `limit`. */
  purge(limit: number): Promise<number>;
}

/** Time-driven part of multi-signal rules. The signal-driven part is the rule stage of the decision store. */
export function createRuleStore(database: Database): RuleStore {
  return {
    fireDue: async (limit) => database.withTransaction(async (transaction) => fireDueIn(transaction, limit)),
    purge: async (limit) => (await database.query(PURGE_RULE_STATES, [limit])).length,
  };
}
