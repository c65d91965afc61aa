import type { Statement } from '@tripline/database';

/** SQL of rule states. All but PURGE and LOAD_DUE run under the locks of the pipelines' trigger_states rows. */

/** $1 pipeline ids, $2 tickers, pairwise. */
export const READ_RULE_STATES: Statement = {
  name: 'rules-read',
  text: `
SELECT r.pipeline_id, r.ticker, r.version, r.state
FROM unnest($1::uuid[], $2::text[]) AS k (pipeline_id, ticker)
JOIN rule_states r ON r.pipeline_id = k.pipeline_id AND r.ticker = k.ticker`,
};

/** $1 states as a JSON array. */
export const WRITE_RULE_STATES: Statement = {
  name: 'rules-write',
  text: `
INSERT INTO rule_states AS r (pipeline_id, ticker, version, state, due_at, stale_at, updated_at)
SELECT s.pipeline_id, s.ticker, s.version, s.state, s.due_at, s.stale_at, clock_timestamp()
FROM json_to_recordset($1::json) AS s (pipeline_id uuid, ticker text, version int, state jsonb, due_at timestamptz,
  stale_at timestamptz)
ON CONFLICT (pipeline_id, ticker) DO UPDATE SET version = excluded.version, state = excluded.state,
  due_at = excluded.due_at, stale_at = excluded.stale_at, updated_at = excluded.updated_at`,
};

/**
 * $1 pipeline ids, $2 states a pipeline may have. Deletes the least recently updated first, those without a deadline
 * before the others.
 */
export const EVICT_RULE_STATES: Statement = {
  name: 'rules-evict',
  text: `
DELETE FROM rule_states r USING (
  SELECT pipeline_id, ticker,
    row_number() OVER (PARTITION BY pipeline_id ORDER BY due_at IS NULL, updated_at DESC, ticker) AS place
  FROM rule_states WHERE pipeline_id = ANY ($1::uuid[])
) AS kept
WHERE kept.place > $2 AND r.pipeline_id = kept.pipeline_id AND r.ticker = kept.ticker`,
};

/** $1 pipeline ids, $2 tickers, pairwise. */
export const DROP_RULE_STATES: Statement = {
  name: 'rules-drop',
  text: `
DELETE FROM rule_states r USING unnest($1::uuid[], $2::text[]) AS k (pipeline_id, ticker)
WHERE r.pipeline_id = k.pipeline_id AND r.ticker = k.ticker`,
};

/** $1 rows. Due states by PostgreSQL's clock, oldest first. */
export const LOAD_DUE_RULES: Statement = {
  name: 'rules-due',
  text: `
SELECT pipeline_id, ticker FROM rule_states WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT $1`,
};

/** $1 rows. Deletes states that no signal can need any more. */
export const PURGE_RULE_STATES: Statement = {
  name: 'rules-purge',
  text: `
DELETE FROM rule_states WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM rule_states WHERE stale_at < clock_timestamp() AND due_at IS NULL LIMIT $1 FOR UPDATE SKIP LOCKED))
RETURNING 1`,
};
