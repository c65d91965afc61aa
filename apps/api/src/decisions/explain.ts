import type { DecisionReason } from '@tripline/decisions';
import type { NearMissReason } from '@tripline/matching';
import type { DecisionLogEntry, NearMissRecord, WhyEntry } from '@tripline/decision-store';

type Detail = DecisionLogEntry['detail'];

/** One sentence for people: why this happened, with the values it rested on. */
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
  trigger_accepted: () => 'started a run',
  queued_behind_active: (detail) => `waits behind run ${value(detail, 'active_execution_id')}`,
  replaced_active: (detail) => `started a run in place of ${value(detail, 'replaced_execution_id')}`,
  rule_fired: () => 'the last signal the rule was waiting for: started a run',
  rule_pending: pendingRule,
  superseded_in_queue: (detail) => `gave its place in the queue to the newer ${value(detail, 'superseded_by')}`,
  execution_active: (detail) => `run ${value(detail, 'active_execution_id')} was still active`,
  queue_full: (detail) => `${value(detail, 'waiting')} waiting already, at most ${value(detail, 'queue_limit')} may`,
  parallel_limit: (detail) =>
    `${value(detail, 'active')} active already, at most ${value(detail, 'parallel_limit')} may`,
  cooldown_running: (detail) =>
    `cooldown ran for another ${duration(detail, 'cooldown_left_ms')} of ${duration(detail, 'cooldown_ms')}`,
  market_closed: (detail) => `market ${value(detail, 'calendar')} was closed`,
  market_holiday: (detail) => `market ${value(detail, 'calendar')} had a holiday: ${value(detail, 'holiday')}`,
  quota_per_minute: (detail) => quota(detail, 'runs in a minute'),
  quota_per_day: (detail) => quota(detail, 'runs in a day'),
  quota_active: (detail) => quota(detail, 'active runs'),
  halted_global: (detail) => halted(detail, 'everything'),
  halted_user: (detail) => halted(detail, 'the user'),
  halted_pipeline: (detail) => halted(detail, 'the pipeline'),
  halted_ticker: (detail) => halted(detail, 'the ticker'),
  halted_venue: (detail) => halted(detail, 'the venue'),
  quality_below_minimum: (detail) => `data quality ${value(detail, 'quality')} < ${value(detail, 'min_quality')}`,
  quality_unknown: (detail) => `data quality unknown, at least ${value(detail, 'min_quality')} wanted`,
  signal_too_old: (detail) => `age ${duration(detail, 'age_ms')} > ${duration(detail, 'max_signal_age_ms')}`,
  pipeline_inactive: () => 'the pipeline was switched off',
  schedule_missed: () => 'nobody was there at the scheduled time, and the schedule is not made up for',
};

function pendingRule(detail: Detail): string {
  if (detail['blocked_by'] !== undefined) return `the rule did not fire: ${value(detail, 'blocked_by')} came before`;
  if (detail['missing'] === undefined) return 'the rule waits for its time to pass without such a signal';
  return `the rule did not fire; still missing: ${value(detail, 'missing')}`;
}

function quota(detail: Detail, what: string): string {
  return `quota of ${what} used up: ${value(detail, 'quota_used')} of ${value(detail, 'quota_limit')}`;
}

/** A value as text; details of decisions made by other versions may lack it. */
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
