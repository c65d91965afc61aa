-- One index answers "which runs of this pipeline are unfinished", those that wait included: places that are null never collide.
CREATE UNIQUE INDEX one_active_anew ON executions (pipeline_id, overlap_key, slot) WHERE status IN ('pending', 'running');
DROP INDEX one_active;
ALTER INDEX one_active_anew RENAME TO one_active;
