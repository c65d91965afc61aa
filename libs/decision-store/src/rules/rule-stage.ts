import { countTrigger, noteDenied } from '@tripline/decisions';

import type { RuleStage } from '../decisions/rule-stage';
import { MAX_RULE_TICKERS, type RuleKey, RuleStates } from './rule-states';

export interface RuleStageOptions {
  /** Maximum tickers with a rule state per pipeline. At the limit the least recently updated one is deleted. */
  readonly maxTickers?: number;
}

/** Multi-signal rules in the deciding transaction: one read and one write, however many signals. */
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
