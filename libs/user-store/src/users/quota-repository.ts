import type { Database, Statement } from '@tripline/database';

/** How many executions a user may start; null means no limit. Enforced by the decision's transaction. */
export interface QuotaLimits {
  /** Maximum number of waiting and running executions. */
  readonly maxActive: number | null;
  /** Maximum number of executions started per minute and per UTC day, by PostgreSQL's clock. */
  readonly maxPerMinute: number | null;
  readonly maxPerDay: number | null;
}

/** Current use. Minute and day are counted only for users who have a quota. */
export interface QuotaUse {
  readonly active: number;
  readonly thisMinute: number;
  readonly today: number;
}

export interface QuotaRecord extends QuotaLimits {
  readonly userId: string;
  readonly use: QuotaUse;
  /** Epoch ms; null when no quota has been set. */
  readonly updatedAt: number | null;
}

export interface QuotaRepository {
  /** Null for an unknown user. */
  find(userId: string): Promise<QuotaRecord | null>;
  /** Replaces the limits from the next decision on. False for an unknown user. */
  set(userId: string, limits: QuotaLimits, setBy: string): Promise<boolean>;
}

/** $1 user. A count of an earlier minute or day reads as 0. */
const FIND: Statement = {
  text: `
SELECT q.max_active AS "maxActive", q.max_per_minute AS "maxPerMinute", q.max_per_day AS "maxPerDay",
  extract(epoch FROM q.updated_at)::float8 * 1000 AS "updatedAt",
  (SELECT count(*)::int FROM pipelines p JOIN executions e ON e.pipeline_id = p.id
    WHERE p.user_id = u.id AND e.status IN ('pending', 'running')) AS active,
  CASE WHEN g.minute_at = date_trunc('minute', now()) THEN g.minute_count ELSE 0 END AS "thisMinute",
  CASE WHEN g.day_at = date_trunc('day', now(), 'UTC') THEN g.day_count ELSE 0 END AS today
FROM users u LEFT JOIN user_quotas q ON q.user_id = u.id LEFT JOIN user_usage g ON g.user_id = u.id
WHERE u.id = $1`,
};

/** $1 user, $2..$4 limits, $5 id of the user who sets them. */
const SET: Statement = {
  text: `
INSERT INTO user_quotas (user_id, max_active, max_per_minute, max_per_day, updated_by)
SELECT u.id, $2::int, $3::int, $4::int, $5::uuid FROM users u WHERE u.id = $1
ON CONFLICT (user_id) DO UPDATE SET max_active = excluded.max_active, max_per_minute = excluded.max_per_minute,
  max_per_day = excluded.max_per_day, updated_by = excluded.updated_by, updated_at = now()
RETURNING user_id`,
};

interface FoundRow extends QuotaLimits, QuotaUse {
  readonly updatedAt: number | null;
}

export function createQuotaRepository(database: Database): QuotaRepository {
  return {
    find: async (userId) => {
      const [row] = await database.query<FoundRow>(FIND, [userId]);
      if (row === undefined) return null;
      const { active, thisMinute, today, ...rest } = row;
      return { userId, ...rest, use: { active, thisMinute, today } };
    },
    set: async (userId, { maxActive, maxPerMinute, maxPerDay }, setBy) => {
      const rows = await database.query(SET, [userId, maxActive, maxPerMinute, maxPerDay, setBy]);
      return rows.length > 0;
    },
  };
}
