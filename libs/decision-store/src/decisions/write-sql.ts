import { sqlList, type Statement } from '@tripline/database';
import { INTENT_LIFECYCLE } from '@tripline/trading';

/**
 * Statements that write a decision. They are separate and sent together. Arrays are parallel; times are epoch ms.
 *
 * Decision log and executions are written without ON CONFLICT, which would look up each unique index twice. A row that
 * already exists fails the transaction, which is then repeated with all look-ups (see `DecisionStore`).
 */

/**
 * $1 ids, $2 types, $3 sources, $4 event times, $5 tickers, $6 metadata, $7 schema versions, $8 offsets, $9 append
 * times, $10 trace parents, $11 topic, $12 partitions, $13 publishers, $14 owners. Ordered by id, so two transactions
 * that write the same signals wait for each other without a deadlock.
 */
export const WRITE_SIGNALS: Statement = {
  name: 'decide-write-signals',
  text: `
INSERT INTO signals (id, signal_type, source, occurred_at, tickers, metadata, schema_version, topic, part, off,
  appended_at, traceparent, publisher_id, owner_id)
SELECT s.id, s.signal_type, s.source, to_timestamp(s.occurred_ms / 1000), s.tickers, s.metadata, s.schema_version, $11, s.part,
  s.off, to_timestamp(s.appended_ms / 1000), s.traceparent, s.publisher_id, s.owner_id
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::float8[], $5::jsonb[], $6::jsonb[], $7::int[], $8::bigint[],
  $9::float8[], $10::text[], $12::int[], $13::uuid[], $14::uuid[]) AS s (id, signal_type, source, occurred_ms, tickers,
  metadata, schema_version, off, appended_ms, traceparent, part, publisher_id, owner_id)
ORDER BY s.id
ON CONFLICT (id) DO NOTHING`,
};

/**
 * $1 topic, $2 decided at, then arrays: $3 pipelines, $4 signals, $5 users, $6 versions, $7 trigger modes, $8 signal types,
 * $9 tickers, $10 directions, $11 confidences, $12 outcomes, $13 reasons, $14 details, $15 executions, $16 partitions,
 * $17 offsets, $18 event times.
 */
export const WRITE_MATCHES: Statement = {
  name: 'decide-write-matches',
  text: `
INSERT INTO signal_matches (pipeline_id, signal_id, user_id, pipeline_version, trigger_mode, signal_type, ticker,
  direction, confidence, outcome, reason, detail, execution_id, topic, part, off, occurred_at, decided_at)
SELECT l.pipeline_id, l.signal_id, l.user_id, l.pipeline_version, l.trigger_mode, l.signal_type, l.ticker, l.direction,
  l.confidence, l.outcome, l.reason, l.detail, l.execution_id, $1, l.part, l.off, to_timestamp(l.occurred_ms / 1000),
  to_timestamp($2::float8 / 1000)
FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::int[], $7::text[], $8::text[], $9::text[], $10::text[], $11::float8[],
  $12::text[], $13::text[], $14::jsonb[], $15::uuid[], $16::int[], $17::bigint[], $18::float8[]) AS l (pipeline_id, signal_id,
  user_id, pipeline_version, trigger_mode, signal_type, ticker, direction, confidence, outcome, reason, detail, execution_id,
  part, off, occurred_ms)`,
};

/**
 * $1 executions, $2 users, $3 pipelines, $4 versions, $5 trigger modes, $6 signals, $7 signal types, $8 tickers, $9
 * directions, $10 event times, $11 trace parents, $12 overlap keys, $13 slots (null: it waits), $14 queue expiry times,
 * $15 statuses, $16 stop reasons. A waiting execution has generation 0 and a queue number. One that was replaced at
 * once is already ended.
 */
export const WRITE_EXECUTIONS: Statement = {
  name: 'decide-write-executions',
  text: `
INSERT INTO executions (id, user_id, pipeline_id, pipeline_version, trigger_mode, signal_id, signal_type, ticker, direction,
  occurred_at, traceparent, overlap_key, slot, expires_at, status, stop_reason, finished_at, dispatch_gen, queued_seq)
SELECT x.id, x.user_id, x.pipeline_id, x.pipeline_version, x.trigger_mode, x.signal_id, x.signal_type, x.ticker, x.direction,
  to_timestamp(x.occurred_ms / 1000), x.traceparent, x.overlap_key, x.slot, to_timestamp(x.expires_ms / 1000), x.status,
  x.stop_reason, CASE WHEN x.status <> 'pending' THEN clock_timestamp() END,
  CASE WHEN x.slot IS NULL THEN 0 ELSE 1 END, CASE WHEN x.slot IS NULL THEN nextval('executions_queued_seq') END
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::uuid[], $7::text[], $8::text[], $9::text[],
  $10::float8[], $11::text[], $12::text[], $13::int[], $14::float8[], $15::text[], $16::text[]) AS x (id, user_id,
  pipeline_id, pipeline_version, trigger_mode, signal_id, signal_type, ticker, direction, occurred_ms, traceparent,
  overlap_key, slot, expires_ms, status, stop_reason)`,
};

/** $1 pipelines, $2 event times of their last trigger, $3 its executions, $4 number of triggers. */
export const WRITE_STATES: Statement = {
  name: 'decide-write-states',
  text: `
UPDATE trigger_states t SET last_occurred_at = to_timestamp(s.occurred_ms / 1000), last_execution_id = s.execution_id,
  triggered_count = t.triggered_count + s.n
FROM unnest($1::uuid[], $2::float8[], $3::uuid[], $4::int[]) AS s (pipeline_id, occurred_ms, execution_id, n)
WHERE t.pipeline_id = s.pipeline_id`,
};

/**
 * $1 executions, $2 status, $3 stop reason, $4 whether to end also those that hold a slot. An execution that has ended
 * in the meantime is unchanged, and so is one that waited and was given a slot. The higher lease token denies later
 * writes of its worker. Unfinished is tested by `finished_at`, because a test of the status might be planned as a scan
 * of all unfinished executions.
 */
export const END_RUNS: Statement = {
  name: 'decide-end-runs',
  text: `-- update
WITH due AS (
  SELECT id FROM executions WHERE id = ANY ($1::uuid[]) AND finished_at IS NULL AND ($4 OR slot IS NULL)
  ORDER BY id FOR NO KEY UPDATE
), ended AS (
  UPDATE executions SET status = $2, stop_reason = $3, finished_at = clock_timestamp(), lease_until = NULL,
    lease_token = lease_token + 1
  WHERE id = ANY (ARRAY(SELECT id FROM due)) RETURNING id
), abandoned AS (
  UPDATE order_intents SET state = 'abandoned', updated_at = now()
  WHERE execution_id = ANY (ARRAY(SELECT id FROM ended)) AND state IN (${sqlList(INTENT_LIFECYCLE.allowing('withdraw'))})
)
SELECT id FROM ended`,
};

/**
 * $1 users, $2 start of the minute, $3 started in it, $4 start of the day, $5 started in it. Their quotas are locked.
 */
export const WRITE_USAGE: Statement = {
  name: 'decide-write-usage',
  text: `
INSERT INTO user_usage (user_id, minute_at, minute_count, day_at, day_count)
SELECT u.user_id, to_timestamp(u.minute_ms / 1000), u.minute_count, to_timestamp(u.day_ms / 1000), u.day_count
FROM unnest($1::uuid[], $2::float8[], $3::int[], $4::float8[], $5::int[])
  AS u (user_id, minute_ms, minute_count, day_ms, day_count)
ON CONFLICT (user_id) DO UPDATE SET minute_at = excluded.minute_at, minute_count = excluded.minute_count,
  day_at = excluded.day_at, day_count = excluded.day_count`,
};

/** $1 topic, $2 partition, $3 epoch, then arrays: $4 offsets, $5 reasons, $6 details, $7 digests, $8 prefixes (hex), $9 traces. */
export const WRITE_DEAD: Statement = {
  name: 'decide-write-dead',
  text: `
INSERT INTO dead_signals (topic, part, epoch, off, reason, detail, raw_sha256, raw_prefix, traceparent)
SELECT $1, $2, $3, d.off, d.reason, d.detail, d.raw_sha256, decode(d.raw_prefix, 'hex'), d.traceparent
FROM unnest($4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
  AS d (off, reason, detail, raw_sha256, raw_prefix, traceparent)
ON CONFLICT DO NOTHING`,
};

/**
 * $1 topic, then arrays: $2 partitions, $3 epochs, $4 next offsets, $5 valid, $6 dead, $7 matched, $8 unmatched, $9 duplicates,
 * $10 skipped. The rows are locked.
 */
export const WRITE_PROGRESS: Statement = {
  name: 'decide-write-progress',
  text: `
UPDATE consumer_progress p SET epoch = w.epoch, next_off = w.next_off, records = p.records + w.valid + w.dead,
  valid = p.valid + w.valid, dead = p.dead + w.dead, matched = p.matched + w.matched, unmatched = p.unmatched + w.unmatched,
  duplicates = p.duplicates + w.duplicates, skipped_offsets = p.skipped_offsets + w.skipped, updated_at = now()
FROM unnest($2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
  $10::bigint[]) AS w (part, epoch, next_off, valid, dead, matched, unmatched, duplicates, skipped)
WHERE p.topic = $1 AND p.part = w.part`,
};

/**
 * $1 execution ids, $2 their generation. A hint for the sweeper, and the only write that may be lost in a crash of the
 * server: the execution would be enqueued once more, and one claim wins. So it does not wait for the disk or for a
 * lock: the holder of the lock is claiming the execution, which then needs no hint. Pending is tested by lease and end,
 * because a test of the status might be planned as a scan of all pending executions.
 */
export const ACKNOWLEDGE_ENQUEUED: Statement = {
  name: 'decide-acknowledge-enqueued',
  text: `-- update
WITH hint AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
UPDATE executions SET enqueued_at = clock_timestamp() FROM hint
WHERE id = ANY (ARRAY(
  SELECT id FROM executions
  WHERE id = ANY ($1::uuid[]) AND dispatch_gen = $2 AND lease_until IS NULL AND finished_at IS NULL
  ORDER BY id FOR NO KEY UPDATE SKIP LOCKED))`,
};
