import type { Statement } from '../database/queryable';

/**
 * SQL of the deciding transaction. Locks are taken in one order everywhere: first the partition's progress row, then the
 * pipelines' trigger_states rows by id. State is read in a statement of its own after the locks: a statement that waits
 * for a lock still sees the other tables as they were before it waited.
 */

/** $1 topic, $2 partition. */
export const LOCK_PROGRESS: Statement = {
  name: 'decide-lock-progress',
  text: `SELECT epoch, next_off::text AS next_off FROM consumer_progress WHERE topic = $1 AND part = $2 FOR NO KEY UPDATE`,
};

/** $1 topic, $2 partition, $3 epoch. */
export const INSERT_PROGRESS: Statement = {
  name: 'decide-insert-progress',
  text: `INSERT INTO consumer_progress (topic, part, epoch) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
};

/** $1 pipeline ids. */
export const LOCK_STATES: Statement = {
  name: 'decide-lock-states',
  text: `SELECT 1 FROM trigger_states WHERE pipeline_id = ANY ($1::uuid[]) ORDER BY pipeline_id FOR NO KEY UPDATE`,
};

/** $1 pipeline ids, $2 the versions that were matched (0: none). The definition comes along where the version
 * moved. Subselects, not joins: the planner, believing few runs to be active, would compare each pipeline with all of them.
 */
export const READ_STATES: Statement = {
  name: 'decide-read-states',
  text: `
SELECT p.id, p.user_id, p.is_active, p.version, t.last_occurred_at, clock_timestamp() AS now,
  CASE WHEN p.version <> k.version THEN (SELECT v.definition FROM pipeline_versions v
    WHERE v.pipeline_id = p.id AND v.version = p.version) END AS definition,
  (SELECT e.id FROM executions e WHERE e.pipeline_id = p.id AND e.status IN ('pending', 'running'))
    AS active_execution_id
FROM unnest($1::uuid[], $2::int[]) AS k (id, version)
JOIN pipelines p ON p.id = k.id
JOIN trigger_states t ON t.pipeline_id = k.id`,
};

/** $1 pipeline ids, $2 trigger ids, $3 execution ids, pairwise. Returns the 1-based places of pairs decided before. */
export const READ_KNOWN_PAIRS: Statement = {
  name: 'decide-read-known',
  text: `
SELECT u.ord::int AS ord
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) WITH ORDINALITY AS u (pipeline_id, signal_id, execution_id, ord)
LEFT JOIN signal_matches m ON m.pipeline_id = u.pipeline_id AND m.signal_id = u.signal_id
LEFT JOIN executions e ON e.id = u.execution_id
WHERE m.signal_id IS NOT NULL OR e.id IS NOT NULL`,
};

const ADD_PROGRESS = `
  UPDATE consumer_progress c SET
    epoch = p.epoch, next_off = p.next_off, records = c.records + p.valid + p.dead, valid = c.valid + p.valid,
    dead = c.dead + p.dead, matched = c.matched + p.matched, unmatched = c.unmatched + p.unmatched,
    duplicates = c.duplicates + p.duplicates, skipped_offsets = c.skipped_offsets + p.skipped, updated_at = now()
  FROM json_to_recordset($1::json) AS p (topic text, part int, epoch int, next_off bigint, valid int, dead int,
    matched int, unmatched int, duplicates int, skipped bigint)
  WHERE c.topic = p.topic AND c.part = p.part`;

/** $1 progress rows (0 or 1). For a chunk that matched nothing and has no dead signal. */
export const WRITE_PROGRESS: Statement = { name: 'decide-write-progress', text: ADD_PROGRESS };

/**
 * Everything a chunk leaves behind, set-based. $1 progress, $2 signals, $3 ledger, $4 dead signals, as JSON arrays.
 * Executions and trigger states come from the ledger rows that say TRIGGERED; the last one of a pipeline wins.
 * Returns how many rows were new, to be compared with what was decided.
 */
export const WRITE_DECISIONS: Statement = {
  name: 'decide-write',
  text: `-- insert
WITH ledger AS MATERIALIZED (
  SELECT * FROM json_to_recordset($3::json) AS l (ord int, pipeline_id uuid, signal_id uuid, user_id uuid,
    pipeline_version int, trigger_mode text, signal_type text, ticker text, direction text, confidence double precision,
    outcome text, reason text, detail jsonb, execution_id uuid, topic text, part int, off bigint,
    occurred_at timestamptz, decided_at timestamptz, traceparent text)
), new_signals AS (
  INSERT INTO signals (id, signal_type, source, occurred_at, tickers, metadata, schema_version, topic, part, off,
    appended_at, traceparent)
  SELECT * FROM json_to_recordset($2::json) AS s (id uuid, signal_type text, source text, occurred_at timestamptz,
    tickers jsonb, metadata jsonb, schema_version int, topic text, part int, off bigint, appended_at timestamptz,
    traceparent text)
  ORDER BY id
  ON CONFLICT (id) DO NOTHING
), new_dead AS (
  INSERT INTO dead_signals (topic, part, epoch, off, reason, detail, raw_sha256, raw_prefix, traceparent)
  SELECT d.topic, d.part, d.epoch, d.off, d.reason, d.detail, d.raw_sha256, decode(d.raw_prefix, 'base64'), d.traceparent
  FROM json_to_recordset($4::json) AS d (topic text, part int, epoch int, off bigint, reason text, detail text,
    raw_sha256 text, raw_prefix text, traceparent text)
  ON CONFLICT DO NOTHING
), new_matches AS (
  INSERT INTO signal_matches (pipeline_id, signal_id, user_id, pipeline_version, trigger_mode, signal_type, ticker,
    direction, confidence, outcome, reason, detail, execution_id, topic, part, off, occurred_at, decided_at)
  SELECT pipeline_id, signal_id, user_id, pipeline_version, trigger_mode, signal_type, ticker,
    direction, confidence, outcome, reason, detail, execution_id, topic, part, off, occurred_at, decided_at
  FROM ledger
  ON CONFLICT DO NOTHING
  RETURNING 1
), new_executions AS (
  INSERT INTO executions (id, user_id, pipeline_id, pipeline_version, trigger_mode, signal_id, signal_type, ticker,
    direction, occurred_at, traceparent)
  SELECT execution_id, user_id, pipeline_id, pipeline_version, trigger_mode, signal_id, signal_type, ticker,
    direction, occurred_at, traceparent
  FROM ledger WHERE outcome = 'TRIGGERED'
  ON CONFLICT DO NOTHING
  RETURNING 1
), new_states AS (
  UPDATE trigger_states t SET last_occurred_at = l.occurred_at, last_execution_id = l.execution_id,
    triggered_count = t.triggered_count + l.n
  FROM (
    SELECT DISTINCT ON (pipeline_id) pipeline_id, occurred_at, execution_id, count(*) OVER (PARTITION BY pipeline_id) AS n
    FROM ledger WHERE outcome = 'TRIGGERED' ORDER BY pipeline_id, ord DESC
  ) l
  WHERE t.pipeline_id = l.pipeline_id
), progress AS (${ADD_PROGRESS}
)
SELECT (SELECT count(*) FROM new_matches) AS matches, (SELECT count(*) FROM new_executions) AS executions`,
};

/** $1 execution ids, $2 generations, pairwise. */
export const MARK_ENQUEUED: Statement = {
  name: 'decide-mark-enqueued',
  text: `UPDATE executions e SET enqueued_at = clock_timestamp()
FROM unnest($1::uuid[], $2::int[]) AS j (id, generation)
WHERE e.id = j.id AND e.dispatch_gen = j.generation AND e.status = 'pending'
RETURNING 1`,
};
