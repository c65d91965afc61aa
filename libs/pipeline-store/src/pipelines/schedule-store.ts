import type { Database, Statement } from '@tripline/database';
import type { DueSchedule } from './pipeline-records';
import { type PipelineRow, pipelineRecordOf, SELECT_PIPELINES } from './pipeline-rows';

/** The due schedules and the time of the check. */
export interface DueSchedules {
  /** PostgreSQL's clock, epoch ms. */
  readonly nowMs: number;
  readonly schedules: readonly DueSchedule[];
}

export interface ScheduleStore {
  /** Active periodic pipelines that are due by PostgreSQL's clock or were never scheduled. */
  loadDue(limit: number): Promise<DueSchedules>;
  /**
   * Advances `next_run_at`, unless another scheduler has done so or the pipeline has changed, which needs a new plan. Returns
   * the number of advanced schedules.
   */
  advance(moves: readonly ScheduleMove[]): Promise<number>;
}

/** A schedule as it was read, and its next due time, epoch ms. */
export interface ScheduleMove {
  readonly seen: DueSchedule;
  readonly to: number;
}

/** $1 rows. */
const LOAD_DUE: Statement = {
  name: 'schedule-due',
  text: `${SELECT_PIPELINES}
WHERE p.is_active AND p.trigger_mode = 'periodic' AND (p.next_run_at IS NULL OR p.next_run_at <= clock_timestamp())
ORDER BY p.next_run_at NULLS FIRST LIMIT $1`,
};

/** Read after the rows, because no due time may lie after it. */
const NOW: Statement = {
  name: 'schedule-now',
  text: 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms',
};

/** $1 pipelines, $2 their versions, $3 due times or null, $4 next; ordered by row, because two schedulers could otherwise deadlock. */
const ADVANCE: Statement = {
  name: 'schedule-advance',
  text: `
WITH moves AS (
  SELECT p.id, m.next FROM unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::timestamptz[]) AS m (id, version, due, next)
  JOIN pipelines p ON p.id = m.id AND p.version = m.version AND p.is_active AND p.next_run_at IS NOT DISTINCT FROM m.due
  ORDER BY p.id FOR NO KEY UPDATE OF p
)
UPDATE pipelines p SET next_run_at = m.next FROM moves m WHERE p.id = m.id RETURNING 1`,
};

/**
 * Due times of periodic pipelines. The trigger id is derived from pipeline and due time, so two schedulers that see the same due
 * time start one execution. `advance` follows the decision: after a crash the decision is repeated instead of lost.
 */
export function createScheduleStore(database: Database): ScheduleStore {
  return {
    loadDue: async (limit) => {
      const rows = await database.query<PipelineRow>(LOAD_DUE, [limit]);
      if (rows.length === 0) return { nowMs: 0, schedules: [] };
      const [clock] = await database.query<{ now_ms: number }>(NOW, []);
      const schedules = rows.map((row) => {
        const { pipeline, nextRunAt } = pipelineRecordOf(row);
        return { pipeline, dueAt: nextRunAt };
      });
      return { nowMs: clock?.now_ms ?? 0, schedules };
    },
    advance: async (moves) => {
      const rows = await database.query(ADVANCE, [
        moves.map(({ seen }) => seen.pipeline.id),
        moves.map(({ seen }) => seen.pipeline.version),
        moves.map(({ seen }) => (seen.dueAt === null ? null : new Date(seen.dueAt).toISOString())),
        moves.map(({ to }) => new Date(to).toISOString()),
      ]);
      return rows.length;
    },
  };
}
