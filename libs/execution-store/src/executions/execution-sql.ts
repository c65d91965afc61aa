import type { Statement } from '@tripline/database';
import { venueDenial } from '@tripline/trading-store';
import { HALTED, haltReason, insertSteps, IS_RUNNING, UNSENT_INTENTS } from './run-sql';

/** $1 executions, sorted, $2 lease tokens, pairwise; $3 lease in ms. All leases of a process in one statement. */
export const RENEW: Statement = {
  name: 'executions-renew',
  text: `-- update
UPDATE executions e SET lease_until = clock_timestamp() + $3::float8 * interval '1 millisecond'
FROM unnest($1::uuid[], $2::bigint[]) AS k (id, token)
WHERE e.id = k.id AND e.lease_token = k.token AND ${IS_RUNNING} RETURNING e.id`,
};

const REDUCES = `EXISTS (SELECT 1 FROM positions p WHERE p.pipeline_id = held.pipeline_id AND p.ticker = $4::jsonb ->> 'ticker'
    AND CASE $4::jsonb ->> 'side' WHEN 'SELL' THEN p.qty ELSE -p.qty END >= ($4::jsonb ->> 'quantity')::numeric)`;

const HALT = haltReason(
  { userId: 'held.user_id', pipelineId: 'held.pipeline_id', ticker: `$4::jsonb ->> 'ticker'`, venue: '$5::text' },
  `h.mode <> 'reduce_only' OR NOT ${REDUCES}`,
);

/**
 * Before an order goes to an external broker: commits steps and intent, the intent as `submitted`, because the broker
 * may have the order from now on. Commits nothing for an order that is halted, too old, or for a venue its user may not
 * use.
 * $1 execution, $2 lease token, $3 steps as JSON, $4 intent as JSON, $5 venue, $6 end of freshness. An existing intent
 * is returned and takes precedence.
 */
export const CHECKPOINT: Statement = {
  name: 'execution-checkpoint',
  text: `-- insert
WITH halted AS MATERIALIZED (${HALTED}),
held AS MATERIALIZED (
  SELECT id, pipeline_id, user_id, $3::json AS steps FROM executions e
  WHERE id = $1 AND lease_token = $2 AND ${IS_RUNNING} FOR NO KEY UPDATE
), checked AS MATERIALIZED (
  SELECT held.*, CASE WHEN $6::timestamptz < clock_timestamp() THEN 'signal_too_old'
    ELSE coalesce(${venueDenial('$5::text', 'held.user_id')}, ${HALT}) END AS denial FROM held
), steps AS (
  ${insertSteps('checked')}
), intent AS (
  INSERT INTO order_intents (client_order_id, execution_id, pipeline_id, params, state)
  SELECT $4::jsonb ->> 'clientOrderId', id, pipeline_id, $4::jsonb, 'submitted' FROM checked WHERE denial IS NULL
  ON CONFLICT (client_order_id) DO UPDATE SET state = CASE order_intents.state WHEN 'intent' THEN 'submitted'
    ELSE order_intents.state END, updated_at = now()
  RETURNING params, state, date_part('epoch', updated_at) * 1000 AS submitted_ms
)
SELECT checked.id, checked.denial, intent.params, intent.state, intent.submitted_ms FROM checked LEFT JOIN intent ON true`,
};

/** $1 execution, $2 lease token, $3 error. The execution keeps its slot unless its attempts are used up. */
export const RELEASE: Statement = {
  name: 'execution-release',
  text: `-- update
WITH released AS (
  UPDATE executions e SET
    status = CASE WHEN attempt >= max_attempts THEN 'failed' ELSE 'pending' END,
    finished_at = CASE WHEN attempt >= max_attempts THEN clock_timestamp() END,
    dispatch_gen = dispatch_gen + 1, requested_at = clock_timestamp(), enqueued_at = NULL, lease_until = NULL, error = $3
  WHERE id = $1 AND lease_token = $2 AND ${IS_RUNNING}
  RETURNING id, status, dispatch_gen
), abandoned AS (
  UPDATE order_intents SET state = 'abandoned', updated_at = now()
  WHERE execution_id IN (SELECT id FROM released WHERE status = 'failed') AND state IN (${UNSENT_INTENTS})
)
SELECT status, dispatch_gen FROM released`,
};
