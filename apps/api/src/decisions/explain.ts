import type { DecisionReason } from '@tripline/decisions';
import type { NearMissReason } from '@tripline/matching';
import type { DecisionLogEntry, NearMissRecord, WhyEntry } from '@tripline/decision-store';

type Detail = DecisionLogEntry['detail'];

/** Explains a decision or near miss in one sentence, with the values it was based on. */
export function explain(entry: WhyEntry): string {
  return entry.kind === 'near_miss'
    ? NEAR_MISS_TEXTS[entry.reason](entry)
    : DECISION_TEXTS[entry.reason as DecisionReason](entry.detail);
}

const NEAR_MISS_TEXTS: Readonly<Record<NearMissReason, (miss: NearMissRecord) => string>> = {
  confidence: ({ detail }) => `confidence ${detail.confidence} < ${detail.min_confidence}`,
  direction: ({ detail }) => `direction ${detail.direction}, wanted ${detail.wanted_direction ?? 'any'}`,
  source: ({ detail }) => `source ${detail.source}, wanted ${detail.wanted_source ?? 'any'}`,
  signal_type: ({ signalType, detail }) => `signal type ${signalType}, wanted ${detail.wanted_type ?? 'any'}`,
};

const halted = (detail: Detail, what: string): string => `${what} is halted: ${value(detail, 'halt_reason')}`;

const DECISION_TEXTS: Readonly<Record<DecisionReason, (detail: Detail) => string>> = {
  trigger_accepted: () => 'started an execution',
  queued_behind_active: (detail) => `waits for execution ${value(detail, 'active_execution_id')}`,
  replaced_active: (detail) => `started an execution that replaced ${value(detail, 'replaced_execution_id')}`,
  rule_fired: () => 'completed the rule and started an execution',
  rule_pending: pendingRule,
  superseded_in_queue: (detail) => `was superseded in the queue by the newer ${value(detail, 'superseded_by')}`,
  execution_active: (detail) => `execution ${value(detail, 'active_execution_id')} was still active`,
  queue_full: (detail) => `queue full: ${value(detail, 'waiting')} of ${value(detail, 'queue_limit')} waiting`,
  parallel_limit: (detail) =>
    `parallel limit reached: ${value(detail, 'active')} of ${value(detail, 'parallel_limit')} active`,
  cooldown_running: (detail) =>
    `cooldown of ${duration(detail, 'cooldown_ms')} had ${duration(detail, 'cooldown_left_ms')} left`,
  market_closed: (detail) => `market ${value(detail, 'calendar')} was closed`,
  market_holiday: (detail) => `market ${value(detail, 'calendar')} had a holiday: ${value(detail, 'holiday')}`,
  quota_per_minute: (detail) => quota(detail, 'executions per minute'),
  quota_per_day: (detail) => quota(detail, 'executions per day'),
  quota_active: (detail) => quota(detail, 'active executions'),
  halted_global: (detail) => halted(detail, 'all trading'),
  halted_user: (detail) => halted(detail, 'the user'),
  halted_pipeline: (detail) => halted(detail, 'the pipeline'),
  halted_ticker: (detail) => halted(detail, 'the ticker'),
  halted_venue: (detail) => halted(detail, 'the venue'),
  quality_below_minimum: (detail) => `data quality ${value(detail, 'quality')} < ${value(detail, 'min_quality')}`,
  quality_unknown: (detail) => `data quality unknown, minimum ${value(detail, 'min_quality')}`,
  signal_too_old: (detail) => `age ${duration(detail, 'age_ms')} > ${duration(detail, 'max_signal_age_ms')}`,
  pipeline_inactive: () => 'the pipeline was inactive',
  schedule_missed: () =>
    'missed: no scheduler was running at the scheduled time, and missed executions are not caught up',
};

function pendingRule(detail: Detail): string {
  if (detail['blocked_by'] !== undefined) return `the rule did not fire: ${value(detail, 'blocked_by')} occurred first`;
  if (detail['missing'] === undefined) return 'the rule is waiting for its window to pass without a none_of signal';
  return `the rule did not fire; still missing: ${value(detail, 'missing')}`;
}

function quota(detail: Detail, what: string): string {
  return `quota of ${what} used up: ${value(detail, 'quota_used')} of ${value(detail, 'quota_limit')}`;
}

/** A value as text. Decisions made by other versions may lack it. */
function value(detail: Detail, key: string): string {
  const found = detail[key];
  if (found === undefined || found === null) return 'unknown';
  if (Array.isArray(found)) return found.join(', ') || 'nothing';
  return typeof found === 'object' ? JSON.stringify(found) : String(found);
}

function duration(detail: Detail, key: string): string {
  const ms = detail[key];
  return typeof ms === 'number' ? `${Math.round(ms) / 1_000} s` : 'unknown';
}
