import type { Database } from '@tripline/database';
import type { TriggerResult } from '../decisions/decision-records';
import { fireDueIn } from './fire-due';
import { PURGE_RULE_STATES } from './rule-sql';

export interface FiredRules extends TriggerResult {
  /** States that were due; the limit means that there may be more. */
  readonly due: number;
}

export interface RuleStore {
  /**
   * Decides the triggers of deadlines that have passed by Postgres' clock, of at most `limit` states. Any number of
   * dispatchers may call it: each deadline fires once.
   */
  fireDue(limit: number): Promise<FiredRules>;
  /** Forgets states that no signal can need any more; returns how many, at most `limit`. */
  purge(limit: number): Promise<number>;
}

/** The clock side of multi-signal rules; their signal side is the stage of the decision store. */
export function createRuleStore(database: Database): RuleStore {
  return {
    fireDue: async (limit) => database.withTransaction(async (transaction) => fireDueIn(transaction, limit)),
    purge: async (limit) => (await database.query(PURGE_RULE_STATES, [limit])).length,
  };
}
