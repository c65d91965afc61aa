import { countTrigger, noteDenied } from '@tripline/decisions';

import type { RuleStage } from '../decisions/rule-stage';
import { MAX_RULE_TICKERS, type RuleKey, RuleStates } from './rule-states';

export interface RuleStageOptions {
  /** Tickers of which a rule remembers signals, per pipeline; at the limit the one untouched for longest is forgotten. */
  readonly maxTickers?: number;
}

/** Multi-signal rules in the deciding transaction: one read and one write, whatever the number of signals. */
export function createRuleStage({ maxTickers = MAX_RULE_TICKERS }: RuleStageOptions = {}): RuleStage {
  return {
    open: async (transaction, subjects, nowMs) => {
      const keys = subjects.flatMap(({ pipeline, ticker }): RuleKey[] =>
        ticker === null ? [] : [{ pipelineId: pipeline.id, ticker }],
      );
      const states = await RuleStates.load(transaction, keys, maxTickers);
      return {
        advance: (pipeline, trigger) => countTrigger(states, pipeline, trigger, nowMs),
        noteDenied: (pipeline, trigger) => noteDenied(states, pipeline, trigger, nowMs),
        save: async () => states.save(transaction, nowMs),
      };
    },
  };
}
