import type { Statement } from '@tripline/database';
import { promoteNext, UNSENT_INTENTS } from './run-sql';

/**
 * $1 not-enqueued ms, $2 enqueued ms, $3 rows. A long queue does not mean a lost job: an execution may wait as long
 * again as it has already waited. Otherwise a backlog longer than $2 would make every job stale before it runs. The
 * generation is not used as the measure, because it increases every few seconds while Redis is down, and a job lost at
 * that time would be missed for long.
 */
export const REQUEUE_PENDING: Statement = {
  name: 'sweep-pending',
  text: `-- update
WITH due AS (
  SELECT id, CASE WHEN enqueued_at IS NULL THEN 'not_enqueued' ELSE 'stale_job' END AS cause FROM executions
  WHERE status = 'pending' AND slot IS NOT NULL
    AND requested_at < clock_timestamp() - $1::float8 * interval '1 millisecond'
    AND (enqueued_at IS NULL OR enqueued_at < clock_timestamp() - greatest($2::float8 * interval '1 millisecond',
      least(16 * $2::float8 * interval '1 millisecond', enqueued_at - created_at)))
  ORDER BY requested_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE executions e SET dispatch_gen = e.dispatch_gen + 1, requested_at = clock_timestamp(), enqueued_at = NULL
FROM due WHERE e.id = due.id
RETURNING e.id, e.pipeline_id, e.user_id, e.dispatch_gen, e.traceparent, e.status, due.cause`,
};

/**
 * $1 rows. Lease expired: back to pending while attempts are left. Deadline passed: ended, even if a worker still works
 * on it. The slot of an ended execution goes to the next in the queue.
 */
export const END_RUNNING: Statement = {
  name: 'sweep-running',
  text: `-- update
WITH due AS (
  SELECT id, deadline_at < clock_timestamp() AS late FROM executions
  WHERE status = 'running' AND (lease_until < clock_timestamp() OR deadline_at < clock_timestamp())
  ORDER BY lease_until LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
), swept AS (
  UPDATE executions e SET
    status = CASE WHEN due.late THEN 'timed_out' WHEN e.attempt >= e.max_attempts THEN 'failed' ELSE 'pending' END,
    finished_at = CASE WHEN due.late OR e.attempt >= e.max_attempts THEN clock_timestamp() END,
    error = CASE WHEN due.late THEN 'the deadline passed' WHEN e.attempt >= e.max_attempts
      THEN 'the worker stopped in each of ' || e.attempt || ' attempts' ELSE e.error END,
    dispatch_gen = e.dispatch_gen + 1, requested_at = clock_timestamp(), enqueued_at = NULL, lease_until = NULL
  FROM due WHERE e.id = due.id
  RETURNING e.id, e.pipeline_id, e.user_id, e.dispatch_gen, e.traceparent, e.status, e.overlap_key, e.slot
), abandoned AS (
  UPDATE order_intents SET state = 'abandoned', updated_at = now()
  WHERE execution_id IN (SELECT id FROM swept WHERE status <> 'pending') AND state IN (${UNSENT_INTENTS})
), ended AS (
  SELECT * FROM swept WHERE status <> 'pending'
), promoted AS (
  ${promoteNext('ended')}
)
SELECT id, pipeline_id, user_id, dispatch_gen, traceparent, status, 'lease_expired' AS cause FROM swept
UNION ALL SELECT id, pipeline_id, user_id, dispatch_gen, traceparent, 'pending', 'promoted' FROM promoted`,
};

/** $1 rows. Waiting executions that have expired. */
export const EXPIRE_WAITING: Statement = {
  name: 'sweep-expire-waiting',
  text: `-- update
WITH due AS (
  SELECT id FROM executions WHERE status = 'pending' AND slot IS NULL AND expires_at <= clock_timestamp()
  LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE executions e SET status = 'skipped', stop_reason = 'queue_ttl_expired', finished_at = clock_timestamp()
FROM due WHERE e.id = due.id
RETURNING e.id, e.pipeline_id, e.user_id, e.dispatch_gen, e.traceparent, e.status`,
};

const PLACE_IS_FREE = `NOT EXISTS (SELECT FROM executions h WHERE h.pipeline_id = w.pipeline_id
    AND h.overlap_key = w.overlap_key AND h.slot = 0 AND h.status IN ('pending', 'running'))`;

/** $1 rows. Pipelines with a free slot and a waiting execution. */
export const FIND_FREE_PLACES: Statement = {
  name: 'sweep-free-places',
  text: `SELECT DISTINCT w.pipeline_id FROM executions w
WHERE w.status = 'pending' AND w.slot IS NULL AND ${PLACE_IS_FREE} LIMIT $1`,
};

/** $1 pipelines. Decisions lock these rows first; a pipeline that is being decided is left for the next sweep. */
export const LOCK_PIPELINES: Statement = {
  name: 'sweep-lock-pipelines',
  text: `SELECT pipeline_id FROM trigger_states WHERE pipeline_id = ANY ($1::uuid[])
ORDER BY pipeline_id FOR NO KEY UPDATE SKIP LOCKED`,
};

/** $1 pipelines, locked by the previous statement, so that this one sees everything decided until then. */
export const PROMOTE_WAITING: Statement = {
  name: 'sweep-promote',
  text: `-- update
WITH next AS (
  SELECT DISTINCT ON (w.pipeline_id, w.overlap_key) w.id FROM executions w
  WHERE w.pipeline_id = ANY ($1::uuid[]) AND w.status = 'pending' AND w.slot IS NULL
    AND (w.expires_at IS NULL OR w.expires_at > clock_timestamp()) AND ${PLACE_IS_FREE}
  ORDER BY w.pipeline_id, w.overlap_key, w.queued_seq
)
UPDATE executions e SET slot = 0, dispatch_gen = e.dispatch_gen + 1, requested_at = clock_timestamp(), enqueued_at = NULL
FROM next WHERE e.id = next.id AND e.status = 'pending' AND e.slot IS NULL
RETURNING e.id, e.pipeline_id, e.user_id, e.dispatch_gen, e.traceparent, e.status, 'promoted' AS cause`,
};
