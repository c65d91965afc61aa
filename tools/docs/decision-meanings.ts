import type { DecisionOutcome, DecisionReason } from '@tripline/decisions';

/** What each outcome says to a trader; the type checker asks for every one. */
export const OUTCOME_MEANING: Record<DecisionOutcome, string> = {
  TRIGGERED: 'A run was started, or waits in the pipeline’s queue for its turn.',
  COALESCED: 'It became part of something else: of a rule that waits for more signals, or of a later trigger.',
  SKIPPED_ACTIVE: 'Runs of the same overlap key were unfinished, and the overlap policy allows no more.',
  SKIPPED_COOLDOWN: 'Too close, in event time, to the trigger before; the detail says how much was missing.',
  SKIPPED_MARKET_CLOSED: 'The market of the pipeline was closed at the time of the event.',
  SKIPPED_QUOTA: 'The user had started as many runs as he may.',
  SKIPPED_RISK_HALT: 'Trading was halted; the detail names the halt.',
  SKIPPED_QUALITY: 'The data behind the signal were not good enough, or nobody knows how good they were.',
  EXPIRED: 'It came too late: too old, for a pipeline that is off by now, or at a scheduled time nobody was there for.',
};

/** What each reason adds to its outcome. */
export const REASON_MEANING: Record<DecisionReason, string> = {
  trigger_accepted: 'nothing stood in the way',
  queued_behind_active: 'accepted, and waits for the run before it',
  replaced_active: 'accepted, and the run before it was cancelled',
  rule_fired: 'the signal completed the pipeline’s rule; the detail names the signals it consumed',
  rule_pending: 'the signal was counted for the pipeline’s rule, which waits for others',
  superseded_in_queue: 'a later trigger took its place in the queue before it was stored',
  execution_active: 'a run is unfinished, and the policy is `skip`',
  queue_full: 'a run is unfinished, and as many triggers wait as may',
  parallel_limit: 'as many runs are unfinished as may be at once',
  cooldown_running: 'the cooldown of the pipeline',
  market_closed: 'night, weekend, or before and after the session',
  market_holiday: 'a holiday, an early close or a late open',
  quota_per_minute: 'runs started in this minute',
  quota_per_day: 'runs started in this day of UTC',
  quota_active: 'runs that wait or work at once',
  halted_global: 'everything is halted',
  halted_user: 'the user is halted',
  halted_pipeline: 'the pipeline is halted',
  halted_ticker: 'the ticker is halted',
  halted_venue: 'the venue is halted',
  quality_below_minimum: 'the score is below `min_quality`',
  quality_unknown: 'there is no score',
  signal_too_old: 'older than `max_signal_age_seconds` when it was decided',
  pipeline_inactive: 'the pipeline was switched off after it was matched',
  schedule_missed: 'scheduled runs that nobody was there for and that are not made up for; the detail says how many',
};
