import type { DecisionOutcome } from './outcome';

/**
 * Why a decision had its outcome, by outcome: the closed lists behind the decision log's `reason` and the metric's
 * label.
 */
export const REASONS_BY_OUTCOME = {
  TRIGGERED: ['trigger_accepted', 'queued_behind_active', 'replaced_active', 'rule_fired'],
  COALESCED: ['rule_pending', 'superseded_in_queue'],
  SKIPPED_ACTIVE: ['execution_active', 'queue_full', 'parallel_limit'],
  SKIPPED_COOLDOWN: ['cooldown_running'],
  SKIPPED_MARKET_CLOSED: ['market_closed', 'market_holiday'],
  SKIPPED_QUOTA: ['quota_per_minute', 'quota_per_day', 'quota_active'],
  SKIPPED_RISK_HALT: ['halted_global', 'halted_user', 'halted_pipeline', 'halted_ticker', 'halted_venue'],
  SKIPPED_QUALITY: ['quality_below_minimum', 'quality_unknown'],
  EXPIRED: ['signal_too_old', 'pipeline_inactive', 'schedule_missed'],
} as const satisfies Readonly<Record<DecisionOutcome, readonly string[]>>;

export type DecisionReason = (typeof REASONS_BY_OUTCOME)[DecisionOutcome][number];

export const DECISION_REASONS: readonly DecisionReason[] = Object.values(REASONS_BY_OUTCOME).flat();
