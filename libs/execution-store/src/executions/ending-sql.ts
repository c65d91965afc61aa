import type { Statement } from '@tripline/database';
import { HALTED, haltReason, insertSteps, IS_RUNNING, POSITIONS, promoteNext, UNSENT_INTENTS } from './run-sql';

const REDUCES = `EXISTS (SELECT 1 FROM positions p WHERE p.pipeline_id = e.pipeline_id AND p.ticker = g.o_ticker
      AND CASE g.o_side WHEN 'SELL' THEN p.qty ELSE -p.qty END >= g.o_quantity)`;

const HALT = haltReason(
  { userId: 'e.user_id', pipelineId: 'e.pipeline_id', ticker: 'g.o_ticker', venue: 'g.venue' },
  `h.mode <> 'reduce_only' OR NOT ${REDUCES}`,
);

/**
 * Ends many executions: steps, intent, order, fill, position, cash, result and final status of each. Each execution is
 * written completely or not at all, and independently of the others: one that is no longer held, or whose account has
 * changed since its settlement was computed, is skipped and returns no row. A `checked` order must be fresh and not
 * halted now; otherwise its execution ends as `skipped` and nothing is sent. Locks are taken on accounts by id, then on
 * executions by id. OFFSET 0 forces one look-up per execution: if the planner assumed that none were running, it would
 * scan all executions.
 * $1 the executions as JSON, sorted by id, at most one settlement per account (`EndingRow`).
 */
export const END: Statement = {
  name: 'executions-end',
  text: `-- update
WITH g AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS g (ord int, id uuid, token bigint, pipeline uuid, version bigint, status text,
    stop_reason text, result jsonb, error text, cost numeric, steps json, known_intent boolean, checked boolean, venue text,
    fresh_until timestamptz, intent jsonb,
    o_ticker text, o_side text, o_type text, o_quantity numeric, o_reference numeric, o_stop numeric, o_target numeric,
    o_status text, o_reason text, o_filled numeric, o_price numeric, o_fees numeric, o_at timestamptz,
    f_sequence int, f_quantity numeric, f_price numeric, f_fee numeric, f_slippage numeric, f_pnl numeric, f_at timestamptz,
    p_quantity numeric, p_price numeric, p_pnl numeric, p_fees numeric, cash numeric)
), halted AS MATERIALIZED (${HALTED}),
account AS MATERIALIZED (
  SELECT g.ord FROM g JOIN paper_accounts a ON a.pipeline_id = g.pipeline WHERE a.version = g.version
  ORDER BY a.pipeline_id FOR NO KEY UPDATE OF a
), due AS MATERIALIZED (
  SELECT g.*, g.intent ->> 'clientOrderId' AS o_id,
    CASE WHEN g.checked IS NOT TRUE THEN NULL
      WHEN g.fresh_until < clock_timestamp() THEN 'signal_too_old'
      ELSE ${HALT} END AS denial
  FROM g CROSS JOIN LATERAL (SELECT * FROM executions x WHERE x.id = g.id OFFSET 0) e
  WHERE e.lease_token = g.token AND ${IS_RUNNING} AND (g.version IS NULL OR g.ord IN (SELECT ord FROM account))
), held AS (
  UPDATE executions e SET finished_at = clock_timestamp(), lease_until = NULL, error = due.error, cost = due.cost,
    status = CASE WHEN due.denial IS NULL THEN due.status ELSE 'skipped' END,
    stop_reason = coalesce(due.denial, due.stop_reason),
    result = CASE WHEN due.denial IS NULL THEN due.result
      ELSE jsonb_build_object('traded', false, 'reason', due.denial) END
  FROM due WHERE e.id = due.id AND e.lease_token = due.token AND ${IS_RUNNING}
  RETURNING e.pipeline_id, e.user_id, e.traceparent, e.overlap_key, e.slot, due.*
), steps AS (
  ${insertSteps('held')}
), sent AS (
  SELECT * FROM held WHERE o_id IS NOT NULL AND denial IS NULL
), abandoned AS (
  UPDATE order_intents SET state = 'abandoned', updated_at = now()
  WHERE state IN (${UNSENT_INTENTS}) AND execution_id IN (SELECT id FROM held WHERE known_intent AND (o_id IS NULL OR denial IS NOT NULL))
), intents AS (
  INSERT INTO order_intents (client_order_id, execution_id, pipeline_id, params, state)
  SELECT o_id, id, pipeline_id, intent, CASE o_status WHEN 'rejected' THEN 'rejected' ELSE 'acked' END FROM sent
  ON CONFLICT (client_order_id) DO UPDATE SET state = excluded.state, updated_at = now()
), new_orders AS (
  INSERT INTO orders (client_order_id, execution_id, pipeline_id, user_id, ticker, side, order_type, quantity,
    reference_price, stop_price, target_price, status, reason, filled_quantity, avg_fill_price, fees, occurred_at, traceparent,
    venue)
  SELECT o_id, id, pipeline_id, user_id, o_ticker, o_side, o_type, o_quantity, o_reference, o_stop, o_target, o_status, o_reason,
    o_filled, o_price, o_fees, o_at, traceparent, venue FROM sent
), new_fills AS (
  INSERT INTO fills (id, client_order_id, sequence, pipeline_id, ticker, side, quantity, price, fee, slippage_cost,
    realised_pnl, filled_at)
  SELECT o_id || '-f' || f_sequence, o_id, f_sequence, pipeline_id, o_ticker, o_side, f_quantity, f_price, f_fee, f_slippage,
    f_pnl, f_at FROM sent WHERE f_sequence IS NOT NULL
), new_positions AS (
  INSERT INTO positions (pipeline_id, ticker, qty, avg_price, realised_pnl, fees)
  SELECT pipeline_id, o_ticker, p_quantity, p_price, p_pnl, p_fees FROM sent WHERE f_sequence IS NOT NULL
  ON CONFLICT (pipeline_id, ticker) DO UPDATE SET qty = excluded.qty, avg_price = excluded.avg_price,
    realised_pnl = excluded.realised_pnl, fees = excluded.fees, updated_at = now()
), new_cash AS (
  UPDATE paper_accounts a SET cash = sent.cash, version = a.version + 1, updated_at = now()
  FROM sent WHERE a.pipeline_id = sent.pipeline_id AND sent.f_sequence IS NOT NULL
), promoted AS (
  ${promoteNext('held')}
)
SELECT ord, denial, (SELECT json_agg(promoted) FROM promoted) AS promoted FROM held`,
};

/** $1 executions. Why lease-checked writes changed nothing, and the accounts to settle on next. */
export const EXPLAIN: Statement = {
  name: 'executions-explain',
  text: `SELECT e.id, e.status, e.stop_reason, e.lease_token, trim_scale(a.initial_cash)::text AS initial_cash,
  trim_scale(a.cash)::text AS cash, a.version AS account_version, ${POSITIONS} AS positions
FROM executions e JOIN paper_accounts a ON a.pipeline_id = e.pipeline_id WHERE e.id = ANY ($1::uuid[])`,
};
