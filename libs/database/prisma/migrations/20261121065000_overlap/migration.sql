-- Overlap policies: several unfinished runs of a pipeline, told apart by key and place, and runs that wait for a place.

-- `overlap_key`: '' or the ticker. `slot`: the place a run holds among the active ones of its key; null while it waits in the
-- pipeline's queue, where `queued_seq` is its turn and `expires_at` the end of its patience.
ALTER TABLE executions
  ADD COLUMN overlap_key text NOT NULL DEFAULT '',
  ADD COLUMN slot smallint DEFAULT 0,
  ADD COLUMN queued_seq bigint,
  ADD COLUMN expires_at timestamptz,
  ADD CONSTRAINT executions_slot CHECK (slot >= 0),
  -- Whoever claims a run that waits, a worker of an older image included, is refused.
  ADD CONSTRAINT executions_running_has_slot CHECK (status <> 'running' OR slot IS NOT NULL);

CREATE SEQUENCE executions_queued_seq AS bigint OWNED BY executions.queued_seq;

-- The wall, now per key and place. Runs of an older image have the key '' and the place 0: one per pipeline, as before.
CREATE UNIQUE INDEX one_active_per_slot ON executions (pipeline_id, overlap_key, slot)
  WHERE status IN ('pending', 'running') AND slot IS NOT NULL;
DROP INDEX one_active;
ALTER INDEX one_active_per_slot RENAME TO one_active;

-- The queues of the pipelines.
CREATE INDEX executions_waiting ON executions (pipeline_id, overlap_key, queued_seq)
  WHERE status = 'pending' AND slot IS NULL;

-- What a user has started, for the quotas: counted in the deciding transaction under the lock of the user's quota.
-- Minutes and days begin by the clock of this database, days in UTC.
CREATE TABLE user_usage (
  user_id      uuid PRIMARY KEY REFERENCES users (id),
  minute_at    timestamptz NOT NULL,
  minute_count integer NOT NULL,
  day_at       timestamptz NOT NULL,
  day_count    integer NOT NULL,
  CONSTRAINT user_usage_counts CHECK (minute_count >= 0 AND day_count >= 0)
) WITH (fillfactor = 50);

-- All pipelines of a user, the removed ones included: their unfinished runs count.
CREATE INDEX pipelines_user ON pipelines (user_id);
