import { sqlList, type Statement } from '@tripline/database';
import { INTENT_LIFECYCLE, ORDER_LIFECYCLE } from '@tripline/trading';

const COLUMNS = `h.id, h.level, h.subject, h.mode, h.reason, h.engaged_by, h.engaged_at, h.lifted_by, h.lifted_at,
  h.lift_reason`;

export const SELECT_HALTS = `SELECT ${COLUMNS} FROM halts h`;

/** $1 level, $2 subject. Waits for other transactions that change the same halt. */
export const LOCK_HALT: Statement = {
  text: `${SELECT_HALTS} WHERE level = $1 AND subject = $2 AND lifted_at IS NULL FOR UPDATE`,
};

/** $1 level, $2 subject, $3 mode, $4 reason, $5 user. No row when another one was engaged concurrently. */
export const INSERT_HALT: Statement = {
  text: `-- insert
INSERT INTO halts AS h (level, subject, mode, reason, engaged_by) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (level, subject) WHERE lifted_at IS NULL DO NOTHING RETURNING ${COLUMNS}`,
};

/** $1 halt, $2 user, $3 reason. */
export const LIFT_HALT: Statement = {
  text: `-- update
UPDATE halts h SET lifted_by = $2, lifted_at = clock_timestamp(), lift_reason = $3
WHERE h.id = $1 AND h.lifted_at IS NULL RETURNING ${COLUMNS}`,
};

/** Whether a row with these columns lies within the halt of level $1 on subject $2. */
const inScope = (userId: string, pipelineId: string, ticker: string): string => `CASE $1::text
    WHEN 'global' THEN true
    WHEN 'user' THEN ${userId}::text = $2::text
    WHEN 'pipeline' THEN ${pipelineId}::text = $2::text
    WHEN 'ticker' THEN ${ticker} = $2::text
    ELSE (SELECT coalesce(v.definition->>'venue', 'paper') = $2::text FROM pipelines p
      JOIN pipeline_versions v ON v.pipeline_id = p.id AND v.version = p.version WHERE p.id = ${pipelineId}) END`;

/**
 * $1 level, $2 subject, $3 stop reason. Ends waiting and running executions. The lease token increases, so a worker
 * still working on such an execution can write nothing more. Locked by id, the common order for locking several
 * executions.
 */
export const CANCEL_EXECUTIONS: Statement = {
  text: `-- update
WITH due AS (
  SELECT e.id FROM executions e
  WHERE e.status IN ('pending', 'running') AND ${inScope('e.user_id', 'e.pipeline_id', 'e.ticker')}
  ORDER BY e.id FOR NO KEY UPDATE
), cancelled AS (
  UPDATE executions e SET status = 'cancelled', stop_reason = $3, finished_at = clock_timestamp(),
    lease_token = e.lease_token + 1, lease_until = NULL
  FROM due WHERE e.id = due.id RETURNING e.id
), abandoned AS (
  UPDATE order_intents SET state = 'abandoned', updated_at = now()
  WHERE execution_id IN (SELECT id FROM cancelled) AND state IN (${sqlList(INTENT_LIFECYCLE.allowing('withdraw'))})
)
SELECT count(*)::int AS count FROM cancelled`,
};

/** $1 level, $2 subject, $3 reason. */
export const CANCEL_ORDERS: Statement = {
  text: `-- update
WITH due AS (
  SELECT o.client_order_id FROM orders o
  WHERE o.status IN (${sqlList(ORDER_LIFECYCLE.allowing('cancel'))}) AND o.client_order_id NOT LIKE 'flatten-%'
    AND ${inScope('o.user_id', 'o.pipeline_id', 'o.ticker')}
  ORDER BY o.client_order_id FOR NO KEY UPDATE
), cancelled AS (
  UPDATE orders o SET status = 'cancelled', reason = $3, updated_at = now()
  FROM due WHERE o.client_order_id = due.client_order_id RETURNING 1
)
SELECT count(*)::int AS count FROM cancelled`,
};

/**
 * $1 level, $2 subject, $3 halt, $4 reason. One market order against each open position, unless one is already resting.
 * The order belongs to no execution; the halt's id takes its place. It fills at the first bar after now. If a pipeline
 * works on replayed history, whose bars end before now, it fills at the first bar after the last trigger.
 */
export const CLOSE_POSITIONS: Statement = {
  text: `-- insert
WITH closing AS (
  INSERT INTO orders (client_order_id, execution_id, pipeline_id, user_id, ticker, side, order_type, quantity,
    reference_price, status, reason, venue, occurred_at)
  SELECT 'flatten-' || $3::uuid || '-' || q.pipeline_id || '-' || q.ticker, $3::uuid, q.pipeline_id, p.user_id, q.ticker,
    CASE WHEN q.qty > 0 THEN 'SELL' ELSE 'BUY' END, 'MARKET', abs(q.qty), q.avg_price, 'accepted', $4,
    coalesce(v.definition->>'venue', 'paper'),
    CASE WHEN coalesce(v.definition->>'signalAgeFrom', 'append') = 'append'
      THEN coalesce(t.last_occurred_at, clock_timestamp()) ELSE clock_timestamp() END
  FROM positions q
  JOIN pipelines p ON p.id = q.pipeline_id
  JOIN pipeline_versions v ON v.pipeline_id = p.id AND v.version = p.version
  JOIN trigger_states t ON t.pipeline_id = p.id
  WHERE q.qty <> 0 AND ${inScope('p.user_id', 'q.pipeline_id', 'q.ticker')}
    AND NOT EXISTS (SELECT FROM orders o WHERE o.pipeline_id = q.pipeline_id AND o.ticker = q.ticker
      AND o.status IN (${sqlList(ORDER_LIFECYCLE.open)}) AND o.client_order_id LIKE 'flatten-%')
  ORDER BY q.pipeline_id, q.ticker
  ON CONFLICT DO NOTHING RETURNING 1
)
SELECT count(*)::int AS count FROM closing`,
};
