import type { DecisionOutcome, DecisionReason } from '@tripline/decisions';

/** What each outcome means to a trader; the type checker requires every one. */
export const OUTCOME_MEANING: Record<DecisionOutcome, string> = {
  TRIGGERED: 'An execution was started or queued behind the pipeline’s active one.',
  COALESCED: 'Merged into a rule that waits for more signals, or into a later trigger.',
  SKIPPED_ACTIVE: 'Executions with the same overlap key were unfinished, and the overlap policy allows no more.',
  SKIPPED_COOLDOWN: 'Too soon after the previous trigger, in event time; the detail gives the remaining cooldown.',
  SKIPPED_MARKET_CLOSED: 'The pipeline’s market was closed at the event time.',
  SKIPPED_QUOTA: 'The user had used up their quota of executions.',
  SKIPPED_RISK_HALT: 'Trading was halted; the detail names the halt.',
  SKIPPED_QUALITY: 'The quality score of the signal’s data was too low or unknown.',
  EXPIRED: 'Too late: the signal was too old, the pipeline had been switched off, or the scheduled time was missed.',
};

/** The detail that each reason adds to its outcome. */
export const REASON_MEANING: Record<DecisionReason, string> = {
  trigger_accepted: 'no condition prevented the execution',
  queued_behind_active: 'accepted; waits for the previous execution to finish',
  replaced_active: 'accepted; the previous execution was cancelled',
  rule_fired: 'the signal completed the pipeline’s rule; the detail names the signals it consumed',
  rule_pending: 'the signal counts towards the pipeline’s rule, which needs more signals',
  superseded_in_queue: 'a later trigger replaced it in the queue before it was stored',
  execution_active: 'an execution is unfinished, and the policy is `skip`',
  queue_full: 'an execution is unfinished, and the queue is full',
  parallel_limit: 'the limit of parallel executions is reached',
  cooldown_running: 'the pipeline’s cooldown has not ended',
  market_closed: 'outside the trading session, or at a weekend',
  market_holiday: 'a holiday, after an early close or before a late open',
  quota_per_minute: 'the limit of executions started in this minute',
  quota_per_day: 'the limit of executions started on this UTC day',
  quota_active: 'the limit of waiting and running executions',
  halted_global: 'all trading is halted',
  halted_user: 'the user is halted',
  halted_pipeline: 'the pipeline is halted',
  halted_ticker: 'the ticker is halted',
  halted_venue: 'the venue is halted',
  quality_below_minimum: 'the score is below `min_quality`',
  quality_unknown: 'there is no quality score',
  signal_too_old: 'the signal was older than `max_signal_age_seconds` when it was decided',
  pipeline_inactive: 'the pipeline was switched off after the match',
  schedule_missed:
    'no scheduler was running at the scheduled time, and missed executions are not caught up; the detail gives the number',
};
