/** SQL fragments shared by several statements on executions. */
import { sqlList } from '@tripline/database';
import { INTENT_LIFECYCLE } from '@tripline/trading';

/** States of an intent that can be dropped because it was never sent. */
export const UNSENT_INTENTS = sqlList(INTENT_LIFECYCLE.allowing('withdraw'));

/**
 * Whether an execution `e` that is looked up by its id is running, or pending. Written so that no partial index can be
 * used: if the planner assumed few executions in that state, it would scan all of them for each id.
 */
export const IS_RUNNING = `e.status || '' = 'running'`;
export const IS_PENDING = `e.status || '' = 'pending'`;

/** Columns of a position as JSON. Decimals are text, because JSON numbers are binary64. The account is `a`. */
export const POSITIONS = `(SELECT coalesce(json_agg(json_build_object('ticker', p.ticker, 'quantity', trim_scale(p.qty)::text,
    'averagePrice', trim_scale(p.avg_price)::text, 'realisedPnl', trim_scale(p.realised_pnl)::text,
    'fees', trim_scale(p.fees)::text) ORDER BY p.ticker), '[]') FROM positions p WHERE p.pipeline_id = a.pipeline_id)`;

/** Columns of a step as JSON. */
export const STEP_JSON = `json_build_object('stepNo', s.step_no, 'agent', s.agent, 'status', s.status,
    'reason', s.reason, 'message', s.message, 'output', s.output, 'durationMs', s.duration_ms,
    'cost', trim_scale(s.cost)::text)`;

/** Step records from the json column `steps` of `source`, whose rows are executions with their `id`. */
export const insertSteps = (source: string): string => `INSERT INTO execution_steps
    (execution_id, step_no, agent, status, reason, message, output, duration_ms, cost)
  SELECT ${source}.id, s.* FROM ${source}, json_to_recordset(${source}.steps) AS s ("stepNo" int, agent text, status text,
    reason text, message text, output jsonb, "durationMs" double precision, cost numeric)
  ON CONFLICT DO NOTHING`;

/** Halts in force, strictest and widest first (the order of `haltOn`). They are few, so all are read once. */
export const HALTED = `SELECT level, subject, mode,
    array_position(ARRAY['flatten', 'cancel', 'pause', 'reduce_only'], mode) * 10
      + array_position(ARRAY['global', 'user', 'pipeline', 'ticker', 'venue'], level) AS rank
  FROM halts WHERE lifted_at IS NULL`;

/**
 * The reason of the first halt of `halted h` that applies to the subject and meets `condition`; null when none does.
 */
export const haltReason = (
  subject: { userId: string; pipelineId: string; ticker: string; venue: string },
  condition: string,
): string => `(SELECT 'halted_' || h.level FROM halted h
    WHERE (h.level = 'global' OR (h.level = 'user' AND h.subject = ${subject.userId}::text)
        OR (h.level = 'pipeline' AND h.subject = ${subject.pipelineId}::text)
        OR (h.level = 'ticker' AND h.subject = ${subject.ticker}) OR (h.level = 'venue' AND h.subject = ${subject.venue}))
      AND (${condition})
    ORDER BY h.rank LIMIT 1)`;

/**
 * Gives the slot that executions of `ended` (pipeline_id, overlap_key, slot) held to the next waiting one, in the
 * statement that ends them. Rows locked by another transaction, and executions being queued at the same moment, are
 * left to the sweeper. Only slot 0 has a queue.
 */
export const promoteNext = (
  ended: string,
): string => `UPDATE executions w SET slot = 0, dispatch_gen = w.dispatch_gen + 1,
    requested_at = clock_timestamp(), enqueued_at = NULL
  FROM (SELECT (SELECT q.id FROM executions q WHERE q.pipeline_id = x.pipeline_id AND q.overlap_key = x.overlap_key
      AND q.status = 'pending' AND q.slot IS NULL AND (q.expires_at IS NULL OR q.expires_at > clock_timestamp())
      ORDER BY q.queued_seq LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED) AS id
    FROM ${ended} x WHERE x.slot = 0) next
  WHERE w.id = next.id
  RETURNING w.id, w.pipeline_id, w.user_id, w.dispatch_gen, w.traceparent`;
