import type { Statement } from '../database/queryable';

/** Columns of a position as JSON; decimals as text, since JSON numbers are binary64. */
const POSITIONS = `(SELECT coalesce(json_agg(json_build_object('ticker', p.ticker, 'quantity', trim_scale(p.qty)::text,
    'averagePrice', trim_scale(p.avg_price)::text, 'realisedPnl', trim_scale(p.realised_pnl)::text,
    'fees', trim_scale(p.fees)::text) ORDER BY p.ticker), '[]') FROM positions p WHERE p.pipeline_id = a.pipeline_id)`;

/** Columns of a step as JSON. */
export const STEP_JSON = `json_build_object('stepNo', s.step_no, 'agent', s.agent, 'status', s.status,
    'reason', s.reason, 'message', s.message, 'output', s.output, 'durationMs', s.duration_ms,
    'cost', trim_scale(s.cost)::text)`;

/** $1 execution, $2 generation, $3 owner, $4 lease in ms, $5 deadline in ms. One round trip: claim and everything to work with. */
export const CLAIM: Statement = {
  name: 'execution-claim',
  text: `-- update
WITH c AS (
  UPDATE executions SET status = 'running', attempt = attempt + 1, lease_token = lease_token + 1, lease_owner = $3,
    lease_until = clock_timestamp() + $4::float8 * interval '1 millisecond',
    started_at = coalesce(started_at, clock_timestamp()),
    deadline_at = coalesce(deadline_at, clock_timestamp() + $5::float8 * interval '1 millisecond')
  WHERE id = $1 AND dispatch_gen = $2 AND attempt < max_attempts
    AND (status = 'pending' OR (status = 'running' AND lease_until < clock_timestamp()))
  RETURNING *
)
SELECT c.*, v.definition, s.id AS s_id, s.source AS s_source, s.occurred_at AS s_occurred_at, s.tickers AS s_tickers,
  s.metadata AS s_metadata, s.schema_version AS s_schema_version, s.signal_type AS s_type, s.appended_at AS s_appended_at,
  trim_scale(a.initial_cash)::text AS initial_cash, trim_scale(a.cash)::text AS cash, a.version AS account_version,
  ${POSITIONS} AS positions,
  (SELECT coalesce(json_agg(${STEP_JSON} ORDER BY s.step_no), '[]') FROM execution_steps s WHERE s.execution_id = c.id)
    AS steps,
  (SELECT json_build_object('intent', i.params, 'state', i.state) FROM order_intents i WHERE i.execution_id = c.id
    ORDER BY i.created_at LIMIT 1) AS intent
FROM c
JOIN pipeline_versions v ON v.pipeline_id = c.pipeline_id AND v.version = c.pipeline_version
JOIN paper_accounts a ON a.pipeline_id = c.pipeline_id
LEFT JOIN signals s ON s.id = c.signal_id`,
};

/** $1 execution, $2 lease token, $3 lease in ms. */
export const RENEW: Statement = {
  name: 'execution-renew',
  text: `UPDATE executions SET lease_until = clock_timestamp() + $3::float8 * interval '1 millisecond'
WHERE id = $1 AND lease_token = $2 AND status = 'running' RETURNING lease_until`,
};

const HELD = `SELECT id, pipeline_id, user_id, traceparent FROM executions
  WHERE id = $1 AND lease_token = $2 AND status = 'running' FOR NO KEY UPDATE`;

const INSERT_STEPS = `INSERT INTO execution_steps
    (execution_id, step_no, agent, status, reason, message, output, duration_ms, cost)
  SELECT held.id, s.* FROM held, json_to_recordset($3::json) AS s ("stepNo" int, agent text, status text, reason text,
    message text, output jsonb, "durationMs" double precision, cost numeric)
  ON CONFLICT DO NOTHING`;

/** $1 execution, $2 lease token, $3 steps as JSON, $4 intent as JSON or null. An intent that is there already is returned. */
export const CHECKPOINT: Statement = {
  name: 'execution-checkpoint',
  text: `-- insert
WITH held AS (${HELD}),
steps AS (${INSERT_STEPS}),
intent AS (
  INSERT INTO order_intents (client_order_id, execution_id, pipeline_id, params)
  SELECT $4::jsonb ->> 'clientOrderId', held.id, held.pipeline_id, $4::jsonb FROM held WHERE $4::jsonb IS NOT NULL
  ON CONFLICT (client_order_id) DO UPDATE SET updated_at = order_intents.updated_at
  RETURNING params, state
)
SELECT held.id, intent.params, intent.state FROM held LEFT JOIN intent ON true`,
};

/** $1 execution, $2 lease token, $3 steps, $4 status, $5 stop reason, $6 result, $7 error, $8 cost. */
export const FINISH: Statement = {
  name: 'execution-finish',
  text: `-- update
WITH held AS (
  UPDATE executions SET status = $4, finished_at = clock_timestamp(), lease_until = NULL, stop_reason = $5,
    result = $6::jsonb, error = $7, cost = $8::numeric
  WHERE id = $1 AND lease_token = $2 AND status = 'running'
  RETURNING id
), steps AS (${INSERT_STEPS}),
abandoned AS (
  UPDATE order_intents SET state = 'abandoned', updated_at = now()
  WHERE execution_id IN (SELECT id FROM held) AND state = 'intent'
)
SELECT id FROM held`,
};

/** $1 execution, $2 lease token, $3 error. */
export const RELEASE: Statement = {
  name: 'execution-release',
  text: `-- update
WITH released AS (
  UPDATE executions SET
    status = CASE WHEN attempt >= max_attempts THEN 'failed' ELSE 'pending' END,
    finished_at = CASE WHEN attempt >= max_attempts THEN clock_timestamp() END,
    dispatch_gen = dispatch_gen + 1, requested_at = clock_timestamp(), enqueued_at = NULL, lease_until = NULL, error = $3
  WHERE id = $1 AND lease_token = $2 AND status = 'running'
  RETURNING id, status, dispatch_gen
), abandoned AS (
  UPDATE order_intents SET state = 'abandoned', updated_at = now()
  WHERE execution_id IN (SELECT id FROM released WHERE status = 'failed') AND state = 'intent'
)
SELECT status, dispatch_gen FROM released`,
};

/**
 * The internal broker: order, fill, position, cash, result and final status, all or nothing. The execution must be held
 * and the account unchanged since the settlement was computed ($3), else nothing happens and no row comes back.
 * $1 execution, $2 lease token, $3 account version, $4 status, $5 stop reason, $6 result, $7 error, $8 cost, $9 order,
 * $10 fill or null, $11 position after or null, $12 cash after or null; 9 to 11 as JSON.
 */
export const SUBMIT: Statement = {
  name: 'execution-submit',
  text: `-- insert
WITH held AS (
  SELECT e.id, e.pipeline_id, e.user_id, e.traceparent FROM executions e
  JOIN paper_accounts a ON a.pipeline_id = e.pipeline_id
  WHERE e.id = $1 AND e.lease_token = $2 AND e.status = 'running' AND a.version = $3
  FOR NO KEY UPDATE OF e, a
), o AS (
  SELECT * FROM json_to_record($9::json) AS o ("clientOrderId" text, ticker text, side text, type text, quantity numeric,
    "referencePrice" numeric, "stopPrice" numeric, "targetPrice" numeric, status text, reason text,
    "filledQuantity" numeric, "averageFillPrice" numeric, fees numeric, "occurredAt" timestamptz)
), new_order AS (
  INSERT INTO orders (client_order_id, execution_id, pipeline_id, user_id, ticker, side, order_type, quantity,
    reference_price, stop_price, target_price, status, reason, filled_quantity, avg_fill_price, fees, occurred_at, traceparent)
  SELECT o."clientOrderId", held.id, held.pipeline_id, held.user_id, o.ticker, o.side, o.type, o.quantity,
    o."referencePrice", o."stopPrice", o."targetPrice", o.status, o.reason, o."filledQuantity", o."averageFillPrice", o.fees,
    o."occurredAt", held.traceparent
  FROM o, held
  ON CONFLICT (client_order_id) DO NOTHING
  RETURNING client_order_id, pipeline_id
), new_fill AS (
  INSERT INTO fills (id, client_order_id, sequence, pipeline_id, ticker, side, quantity, price, fee, slippage_cost,
    realised_pnl, filled_at)
  SELECT f.id, n.client_order_id, f.sequence, n.pipeline_id, f.ticker, f.side, f.quantity, f.price, f.fee,
    f."slippageCost", f."realisedPnl", f."filledAt"
  FROM new_order n, json_to_record($10::json) AS f (id text, sequence int, ticker text, side text, quantity numeric,
    price numeric, fee numeric, "slippageCost" numeric, "realisedPnl" numeric, "filledAt" timestamptz)
  WHERE $10::json IS NOT NULL
), new_position AS (
  INSERT INTO positions (pipeline_id, ticker, qty, avg_price, realised_pnl, fees)
  SELECT n.pipeline_id, p.ticker, p.quantity, p."averagePrice", p."realisedPnl", p.fees
  FROM new_order n, json_to_record($11::json) AS p (ticker text, quantity numeric, "averagePrice" numeric,
    "realisedPnl" numeric, fees numeric)
  WHERE $11::json IS NOT NULL
  ON CONFLICT (pipeline_id, ticker) DO UPDATE SET qty = excluded.qty, avg_price = excluded.avg_price,
    realised_pnl = excluded.realised_pnl, fees = excluded.fees, updated_at = now()
), new_cash AS (
  UPDATE paper_accounts a SET cash = $12::numeric, version = a.version + 1, updated_at = now()
  FROM new_order n WHERE a.pipeline_id = n.pipeline_id AND $12::numeric IS NOT NULL
), sent AS (
  UPDATE order_intents i SET state = CASE WHEN o.status = 'rejected' THEN 'rejected' ELSE 'acked' END, updated_at = now()
  FROM o, held WHERE i.client_order_id = o."clientOrderId"
), ended AS (
  UPDATE executions e SET status = $4, finished_at = clock_timestamp(), lease_until = NULL, stop_reason = $5,
    result = $6::jsonb, error = $7, cost = $8::numeric
  FROM held WHERE e.id = held.id
)
SELECT EXISTS (SELECT 1 FROM new_order) AS fresh FROM held`,
};

/** $1 execution. Why a lease-checked write changed nothing, and the account to settle on next. */
export const EXPLAIN_LEASE: Statement = {
  name: 'execution-explain',
  text: `SELECT e.status, e.lease_token, trim_scale(a.initial_cash)::text AS initial_cash, trim_scale(a.cash)::text AS cash,
  a.version AS account_version, ${POSITIONS} AS positions
FROM executions e JOIN paper_accounts a ON a.pipeline_id = e.pipeline_id WHERE e.id = $1`,
};
