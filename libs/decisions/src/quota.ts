import type { DecisionDetail } from './decision';
import type { DecisionReason } from './reasons';

/** What a user may start; null is no limit. */
export interface UserQuota {
  /** Executions that wait or work at once. */
  readonly maxActive: number | null;
  /** Executions started in a minute and in a day (UTC) of the authority's clock. */
  readonly maxPerMinute: number | null;
  readonly maxPerDay: number | null;
}

/** What a user has started; read under the lock of the quota. */
export interface UserUsage {
  readonly active: number;
  readonly minute: number;
  readonly day: number;
}

/** What one more execution changes: 1 more started, `ended` fewer unfinished, `withdrawn` fewer started. */
export interface UsageChange {
  readonly ended: number;
  readonly withdrawn: number;
}

export type QuotaAnswer =
  | { readonly allowed: true; readonly usage: UserUsage }
  | { readonly allowed: false; readonly reason: DecisionReason; readonly detail: DecisionDetail };

/** Whether the user may start one more execution. If several limits are reached, the longest-lasting one is named. */
export function checkQuota(quota: UserQuota, usage: UserUsage, change: UsageChange): QuotaAnswer {
  const next: UserUsage = {
    active: usage.active + 1 - change.ended,
    minute: usage.minute + 1 - change.withdrawn,
    day: usage.day + 1 - change.withdrawn,
  };
  if (exceeds(next.day, quota.maxPerDay)) return refuse('quota_per_day', quota.maxPerDay, usage.day);
  if (exceeds(next.minute, quota.maxPerMinute)) return refuse('quota_per_minute', quota.maxPerMinute, usage.minute);
  if (exceeds(next.active, quota.maxActive)) return refuse('quota_active', quota.maxActive, usage.active);
  return { allowed: true, usage: next };
}

function exceeds(value: number, limit: number | null): boolean {
  return limit !== null && value > limit;
}

function refuse(reason: DecisionReason, limit: number | null, used: number): QuotaAnswer {
  return { allowed: false, reason, detail: { quota_limit: limit, quota_used: used } };
}
