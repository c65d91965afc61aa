import type { Statement } from '@tripline/database';

/**
 * Statements that read and lock the state of a decision. Locks are taken in the same order everywhere: the partition's
 * progress row, the users' quotas by id, the pipelines' trigger_states by id. State is read by separate statements
 * after the locks, because a statement that waits for a lock still sees the other tables as they were before it waited.
 *
 * Statements are prepared, often while the tables are empty. A join with a list of ids might then be planned as a scan
 * of all rows, so rows are looked up by `= ANY (ids)`, or one by one (LATERAL with OFFSET 0).
 */

/** PostgreSQL's clock and the halts in force, in one row. */
export const READ_MOMENT: Statement = {
  name: 'decide-read-moment',
  text: `
SELECT date_part('epoch', clock_timestamp()) * 1000 AS now_ms, (SELECT json_agg(json_build_object('id', h.id,
  'level', h.level, 'subject', h.subject, 'mode', h.mode, 'reason', h.reason)) FROM halts h WHERE h.lifted_at IS NULL) AS halts`,
};

/**
 * $1 pipeline ids, $2 the matched versions (0: none), $3 whether the last trigger is needed. One row per unfinished
 * execution, and one row for a pipeline without any. The definition is included if the version changed. OFFSET 0 forces
 * one look-up per pipeline: if the planner assumed few unfinished executions, it would compare each pipeline with all
 * of them.
 */
export const READ_STATES: Statement = {
  name: 'decide-read-states',
  text: `
SELECT p.id, p.user_id, p.is_active, p.version,
  CASE WHEN k.cools OR p.version <> k.version THEN (SELECT date_part('epoch', t.last_occurred_at) * 1000
    FROM trigger_states t WHERE t.pipeline_id = k.id) END AS last_ms,
  CASE WHEN p.version <> k.version THEN (SELECT v.definition FROM pipeline_versions v
    WHERE v.pipeline_id = p.id AND v.version = p.version) END AS definition,
  r.id AS run_id, nullif(r.overlap_key, '') AS overlap_key, r.slot, date_part('epoch', r.expires_at) * 1000 AS expires_ms,
  r.queued_seq
FROM unnest($1::uuid[], $2::int[], $3::bool[]) AS k (id, version, cools)
JOIN pipelines p ON p.id = k.id
LEFT JOIN LATERAL (
  SELECT e.id, e.overlap_key, e.slot, e.expires_at, e.queued_seq FROM executions e
  WHERE e.pipeline_id = k.id AND e.status IN ('pending', 'running') OFFSET 0
) r ON true`,
};

/** $1 user ids. Returns and locks only rows of users with a quota. */
export const LOCK_QUOTAS: Statement = {
  name: 'decide-lock-quotas',
  text: `
SELECT user_id FROM user_quotas
WHERE user_id = ANY ($1::uuid[]) AND (max_active IS NOT NULL OR max_per_minute IS NOT NULL OR max_per_day IS NOT NULL)
ORDER BY user_id FOR NO KEY UPDATE`,
};

/**
 * $1 user ids, all locked by LOCK_QUOTAS if they have a quota. Usage counts from the start of the minute and of the
 * day. A clock that was set back does not reopen an older window.
 */
export const READ_USAGE: Statement = {
  name: 'decide-read-usage',
  text: `
SELECT q.user_id, q.max_active, q.max_per_minute, q.max_per_day,
  CASE WHEN u.minute_at >= date_trunc('minute', clock_timestamp()) THEN u.minute_count ELSE 0 END AS minute,
  CASE WHEN u.day_at >= date_trunc('day', clock_timestamp(), 'UTC') THEN u.day_count ELSE 0 END AS day,
  CASE WHEN q.max_active IS NULL THEN 0 ELSE (SELECT count(*) FROM pipelines p CROSS JOIN LATERAL
    (SELECT 1 FROM executions e WHERE e.pipeline_id = p.id AND e.status IN ('pending', 'running') OFFSET 0) r
    WHERE p.user_id = q.user_id) END AS active,
  date_part('epoch', greatest(u.minute_at, date_trunc('minute', clock_timestamp()))) * 1000 AS minute_ms,
  date_part('epoch', greatest(u.day_at, date_trunc('day', clock_timestamp(), 'UTC'))) * 1000 AS day_ms
FROM user_quotas q LEFT JOIN user_usage u ON u.user_id = q.user_id
WHERE q.user_id = ANY ($1::uuid[]) AND (max_active IS NOT NULL OR max_per_minute IS NOT NULL OR max_per_day IS NOT NULL)`,
};

/** $1 pipeline ids. */
export const LOCK_STATES: Statement = {
  name: 'decide-lock-states',
  text: `
SELECT count(*) FROM (
  SELECT 1 FROM trigger_states WHERE pipeline_id = ANY ($1::uuid[]) ORDER BY pipeline_id FOR NO KEY UPDATE
) locked`,
};

/** $1 signal ids. The decided pairs of these signals. */
export const READ_KNOWN_SIGNALS: Statement = {
  name: 'decide-read-known-signals',
  text: `SELECT signal_id, pipeline_id FROM signal_matches WHERE signal_id = ANY ($1::uuid[])`,
};

/** $1 execution ids. */
export const READ_KNOWN_RUNS: Statement = {
  name: 'decide-read-known-runs',
  text: `SELECT id FROM executions WHERE id = ANY ($1::uuid[])`,
};
