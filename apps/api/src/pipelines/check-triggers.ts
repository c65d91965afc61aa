import type { PipelineInput } from '@tripline/contracts';
import { isTickerPattern } from '@tripline/triggers';

import { denial } from './denial';

type RuleInput = NonNullable<PipelineInput['signal_rule']>;

/** What only some overlap policies have. @throws TriplineError `VALIDATION_FAILED` */
export function assertOverlap({
  overlap_policy: policy,
  overlap_limit: limit,
  overlap_ttl_seconds: ttl,
}: PipelineInput): void {
  if (limit > 1 && policy !== 'queue' && policy !== 'parallel') {
    throw denial('overlap_limit', 'only queue (places that may wait) and parallel (runs at once) have a limit');
  }
  if (ttl > 0 && policy !== 'queue' && policy !== 'queue_latest') {
    throw denial('overlap_ttl_seconds', 'only queue and queue_latest have a longest wait');
  }
}

/** What only signals have. @throws TriplineError `VALIDATION_FAILED` */
export function assertSignals(input: PipelineInput): void {
  const { trigger_mode: mode, signal_rule: rule, signal_subscriptions: subscriptions } = input;
  if (mode !== 'signal') {
    if (rule !== null) throw denial('signal_rule', 'only a pipeline with trigger_mode signal has a rule');
    if (input.min_quality !== null && mode !== 'webhook') {
      throw denial('min_quality', 'only signals and webhooks carry a quality');
    }
    if (input.tickers.length > 0 && input.tickers.every(isTickerPattern)) {
      throw denial('tickers', `a ${mode} run needs a ticker to run on: name one beside the patterns`);
    }
  }
  if (rule !== null && subscriptions.length > 0) {
    throw denial('signal_subscriptions', 'the conditions of signal_rule stand for subscriptions: leave these empty');
  }
  if (rule !== null) assertRule(rule);
}

function assertRule({ kind, conditions, count, none_of: noneOf }: RuleInput): void {
  const wanted = kind === 'any' ? 1 : conditions.length;
  if (kind === 'n_of' && count === undefined) {
    throw denial('signal_rule.count', 'n_of needs count: how many of its conditions must hold');
  }
  if (kind === 'n_of' && count !== undefined && count > conditions.length) {
    throw denial('signal_rule.count', 'there are fewer conditions than this');
  }
  if (kind !== 'n_of' && count !== undefined && count !== wanted) {
    throw denial('signal_rule.count', `only n_of counts; for ${kind} leave it out`);
  }
  if (kind === 'absence' && conditions.length !== 1) {
    throw denial('signal_rule.conditions', 'absence has one condition: the signal after which none_of must not come');
  }
  if (kind === 'absence' && noneOf.length === 0) {
    throw denial('signal_rule.none_of', 'absence needs the signals that must not come');
  }
  if (kind === 'sequence' && conditions.length < 2) {
    throw denial('signal_rule.conditions', 'a sequence has at least two conditions');
  }
}
