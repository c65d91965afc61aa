import { sqlList, type Statement } from '@tripline/database';
import { INTENT_LIFECYCLE } from '@tripline/trading';
import { venueDenial } from '@tripline/trading-store';
import {
  HALTED,
  haltReason,
  IS_PENDING,
  IS_RUNNING,
  POSITIONS,
  promoteNext,
  STEP_JSON,
  UNSENT_INTENTS,
} from './run-sql';

const MAX_AGE = `(v.definition ->> 'maxSignalAgeMs')::float8 * interval '1 millisecond'`;
/**
 * When the signal becomes too old to start and order; null without a limit. Versions without a setting count from the
 * append time.
 */
const FRESH_UNTIL = `CASE WHEN e.trigger_mode IN ('signal', 'webhook') AND (v.definition ->> 'maxSignalAgeMs')::float8 > 0
      THEN CASE v.definition ->> 'signalAgeFrom' WHEN 'event' THEN e.occurred_at ELSE s.appended_at END + ${MAX_AGE} END`;

const VENUE = `coalesce(v.definition ->> 'venue', 'paper')`;
const HALT = haltReason(
  {
    userId: 'e.user_id',
    pipelineId: 'e.pipeline_id',
    ticker: 'e.ticker',
    venue: VENUE,
  },
  `h.mode <> 'reduce_only'`,
);

/**
 * Claims many executions and returns all their input. An execution that may not start (halted, too old, switched off,
 * not permitted to trade at its venue) ends as `skipped` in the same statement. But an execution is claimed regardless
 * if its order may already be at the broker, because that must be checked. $1 executions, sorted, $2 generations, $3
 * owners, $4 leases in ms, $5 deadlines in ms, pairwise. `ord` is the 1-based index. LIMIT 1 forces a look-up: the
 * planner might otherwise hash all intents to answer EXISTS.
 */
export const CLAIM: Statement = {
  name: 'executions-claim',
  text: `-- update
WITH halted AS MATERIALIZED (${HALTED}),
due AS MATERIALIZED (
  SELECT k.*, f.until AS fresh_until, v.definition, s.id AS s_id, s.source AS s_source, s.occurred_at AS s_occurred_at,
    s.tickers AS s_tickers, s.metadata AS s_metadata, s.schema_version AS s_schema_version, s.signal_type AS s_type,
    s.appended_at AS s_appended_at,
    CASE WHEN e.attempt > 0
        AND (SELECT true FROM order_intents i WHERE i.execution_id = e.id AND i.state || '' IN (${sqlList(INTENT_LIFECYCLE.allowing('abandon'))}) LIMIT 1) THEN NULL
      WHEN p.deleted_at IS NOT NULL OR (NOT p.is_active AND e.trigger_mode <> 'manual') THEN 'pipeline_inactive'
      WHEN f.until < clock_timestamp() THEN 'signal_too_old'
      ELSE coalesce(${venueDenial(VENUE, 'e.user_id')}, ${HALT}) END AS denial
  FROM unnest($1::uuid[], $2::int[], $3::text[], $4::float8[], $5::float8[]) WITH ORDINALITY
    AS k (id, gen, owner, lease_ms, deadline_ms, ord)
  CROSS JOIN LATERAL (SELECT * FROM executions x WHERE x.id = k.id AND x.dispatch_gen = k.gen OFFSET 0) e
  JOIN pipelines p ON p.id = e.pipeline_id
  JOIN pipeline_versions v ON v.pipeline_id = e.pipeline_id AND v.version = e.pipeline_version
  LEFT JOIN signals s ON s.id = e.signal_id
  CROSS JOIN LATERAL (SELECT ${FRESH_UNTIL} AS until) f
), c AS (
  UPDATE executions e SET status = CASE WHEN due.denial IS NULL THEN 'running' ELSE 'skipped' END,
    attempt = e.attempt + CASE WHEN due.denial IS NULL THEN 1 ELSE 0 END, lease_token = e.lease_token + 1,
    lease_owner = due.owner,
    lease_until = CASE WHEN due.denial IS NULL THEN clock_timestamp() + due.lease_ms * interval '1 millisecond' END,
    enqueued_at = coalesce(e.enqueued_at, clock_timestamp()),
    started_at = CASE WHEN due.denial IS NULL THEN coalesce(e.started_at, clock_timestamp()) ELSE e.started_at END,
    deadline_at = coalesce(e.deadline_at, clock_timestamp() + due.deadline_ms * interval '1 millisecond'),
    finished_at = CASE WHEN due.denial IS NOT NULL THEN clock_timestamp() END,
    stop_reason = due.denial
  FROM due WHERE e.id = due.id AND e.dispatch_gen = due.gen AND e.attempt < e.max_attempts AND e.slot IS NOT NULL
    AND (${IS_PENDING} OR (${IS_RUNNING} AND e.lease_until < clock_timestamp()))
  RETURNING e.id, due.ord, due.denial, e.lease_token, e.pipeline_id, e.pipeline_version, e.user_id, e.trigger_mode, e.ticker,
    e.direction, e.occurred_at, e.attempt, e.max_attempts, e.dispatch_gen, e.created_at, e.lease_until, e.deadline_at,
    e.traceparent, e.overlap_key, e.slot, due.fresh_until, due.definition, due.s_id, due.s_type, due.s_source,
    due.s_occurred_at, due.s_tickers, due.s_metadata, due.s_schema_version, due.s_appended_at
), abandoned AS (
  UPDATE order_intents SET state = 'abandoned', updated_at = now()
  WHERE execution_id IN (SELECT id FROM c WHERE denial IS NOT NULL) AND state IN (${UNSENT_INTENTS})
), ended AS (
  SELECT * FROM c WHERE denial IS NOT NULL
), promoted AS (
  ${promoteNext('ended')}
)
SELECT c.*, (SELECT json_agg(promoted) FROM promoted) AS promoted,
  trim_scale(a.initial_cash)::text AS initial_cash, trim_scale(a.cash)::text AS cash, a.version AS account_version,
  ${POSITIONS} AS positions,
  CASE WHEN c.attempt > 1 THEN (SELECT coalesce(json_agg(${STEP_JSON} ORDER BY s.step_no), '[]') FROM execution_steps s
    WHERE s.execution_id = c.id) ELSE '[]' END AS steps,
  CASE WHEN c.attempt > 1 THEN (SELECT json_build_object('intent', i.params, 'state', i.state,
    'ageMs', date_part('epoch', clock_timestamp() - i.updated_at) * 1000) FROM order_intents i
    WHERE i.execution_id = c.id ORDER BY i.created_at LIMIT 1) END AS intent
FROM c JOIN paper_accounts a ON a.pipeline_id = c.pipeline_id`,
};
