import type { Database } from '../database/database';
import type { Statement } from '../database/queryable';
import type { DueSchedule } from './pipeline-records';
import { type PipelineRow, pipelineRecordOf, SELECT_PIPELINES } from './pipeline-rows';

/** What is due, and the time by which it is. */
export interface DueSchedules {
  /** Postgres' clock, epoch ms. */
  readonly nowMs: number;
  readonly schedules: readonly DueSchedule[];
}

export interface ScheduleStore {
  /** Active periodic pipelines that are due by Postgres' clock, and those never scheduled. */
  loadDue(limit: number): Promise<DueSchedules>;
  /**
   * Moves `next_run_at` on to a time in epoch ms, unless another scheduler did so already or the pipeline has changed since:
   * its new schedule is planned anew.
   */
  advance(seen: DueSchedule, to: number): Promise<boolean>;
}

/** $1 rows. */
const LOAD_DUE: Statement = {
  name: 'schedule-due',
  text: `${SELECT_PIPELINES}
WHERE p.is_active AND p.trigger_mode = 'periodic' AND (p.next_run_at IS NULL OR p.next_run_at <= clock_timestamp())
ORDER BY p.next_run_at NULLS FIRST LIMIT $1`,
};

/** After the rows: no due time may lie after it. */
const NOW: Statement = {
  name: 'schedule-now',
  text: 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms',
};

/** $1 pipeline, $2 its version, $3 due time or null, $4 next. */
const ADVANCE: Statement = {
  name: 'schedule-advance',
  text: `UPDATE pipelines SET next_run_at = $4
WHERE id = $1 AND version = $2 AND is_active AND next_run_at IS NOT DISTINCT FROM $3::timestamptz RETURNING 1`,
};

/**
 * Due times of periodic pipelines. The trigger's id derives from pipeline and due time, so two schedulers that see the same
 * due time start one run; `advance` comes after the decision, so that a crash repeats it rather than loses it.
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
    advance: async ({ pipeline, dueAt }, to) => {
      const due = dueAt === null ? null : new Date(dueAt);
      const rows = await database.query(ADVANCE, [pipeline.id, pipeline.version, due, new Date(to)]);
      return rows.length > 0;
    },
  };
}
