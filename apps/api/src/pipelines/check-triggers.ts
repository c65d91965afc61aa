import type { PipelineInput } from '@tripline/contracts';
import { isTickerPattern } from '@tripline/triggers';

import { denial } from './denial';

type RuleInput = NonNullable<PipelineInput['signal_rule']>;

/** Checks the settings that only some overlap policies have. @throws TriplineError `VALIDATION_FAILED` */
export function assertOverlap({
  overlap_policy: policy,
  overlap_limit: limit,
  overlap_ttl_seconds: ttl,
}: PipelineInput): void {
  if (limit > 1 && policy !== 'queue' && policy !== 'parallel') {
    throw denial(
      'overlap_limit',
      'only the policies queue (waiting triggers) and parallel (concurrent executions) have a limit',
    );
  }
  if (ttl > 0 && policy !== 'queue' && policy !== 'queue_latest') {
    throw denial('overlap_ttl_seconds', 'only the policies queue and queue_latest have a maximum wait');
  }
}

/** Checks the settings that only signals have. @throws TriplineError `VALIDATION_FAILED` */
export function assertSignals(input: PipelineInput): void {
  const { trigger_mode: mode, signal_rule: rule, signal_subscriptions: subscriptions } = input;
  if (mode !== 'signal') {
    if (rule !== null) throw denial('signal_rule', 'only a pipeline with trigger_mode signal can have a rule');
    if (input.min_quality !== null && mode !== 'webhook') {
      throw denial('min_quality', 'only signals and webhook calls have a quality');
    }
    if (input.tickers.length > 0 && input.tickers.every(isTickerPattern)) {
      throw denial('tickers', `a ${mode} pipeline needs a ticker to run on: add one to the patterns`);
    }
  }
  if (rule !== null && subscriptions.length > 0) {
    throw denial(
      'signal_subscriptions',
      'must be empty with a signal_rule, whose conditions replace the subscriptions',
    );
  }
  if (rule !== null) assertRule(rule);
}

function assertRule({ kind, conditions, count, none_of: noneOf }: RuleInput): void {
  const wanted = kind === 'any' ? 1 : conditions.length;
  if (kind === 'n_of' && count === undefined) {
    throw denial('signal_rule.count', 'n_of needs count, the number of conditions that must hold');
  }
  if (kind === 'n_of' && count !== undefined && count > conditions.length) {
    throw denial('signal_rule.count', 'count exceeds the number of conditions');
  }
  if (kind !== 'n_of' && count !== undefined && count !== wanted) {
    throw denial('signal_rule.count', `only n_of has a count: omit it for ${kind}`);
  }
  if (kind === 'absence' && conditions.length !== 1) {
    throw denial('signal_rule.conditions', 'absence needs exactly one condition: the signal that starts the window');
  }
  if (kind === 'absence' && noneOf.length === 0) {
    throw denial('signal_rule.none_of', 'absence needs at least one signal that must not occur');
  }
  if (kind === 'sequence' && conditions.length < 2) {
    throw denial('signal_rule.conditions', 'a sequence needs at least two conditions');
  }
}
