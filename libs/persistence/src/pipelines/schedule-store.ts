import type { Database } from '../database/database';
import type { Statement } from '../database/queryable';
import type { DueSchedule } from './pipeline-records';
import { type PipelineRow, pipelineRecordOf, SELECT_PIPELINES } from './pipeline-rows';

export interface ScheduleStore {
  /** Active periodic pipelines that are due by Postgres' clock, and those never scheduled. */
  loadDue(limit: number): Promise<readonly DueSchedule[]>;
  /** Moves `next_run_at` on, unless another scheduler did so already. Times are epoch ms. */
  advance(pipelineId: string, from: number | null, to: number): Promise<boolean>;
}

/** $1 rows. */
const LOAD_DUE: Statement = {
  name: 'schedule-due',
  text: `${SELECT_PIPELINES}
WHERE p.is_active AND p.trigger_mode = 'periodic' AND (p.next_run_at IS NULL OR p.next_run_at <= clock_timestamp())
ORDER BY p.next_run_at NULLS FIRST LIMIT $1`,
};

/** $1 pipeline, $2 due time or null, $3 next. */
const ADVANCE: Statement = {
  name: 'schedule-advance',
  text: `UPDATE pipelines SET next_run_at = $3
WHERE id = $1 AND is_active AND next_run_at IS NOT DISTINCT FROM $2::timestamptz RETURNING 1`,
};

/**
 * Due times of periodic pipelines. The trigger's id derives from pipeline and due time, so two schedulers that see the same
 * due time start one run; `advance` comes after the decision, so that a crash repeats it rather than loses it.
 */
export function createScheduleStore(database: Database): ScheduleStore {
  return {
    loadDue: async (limit) => {
      const rows = await database.query<PipelineRow>(LOAD_DUE, [limit]);
      return rows.map((row) => {
        const { pipeline, nextRunAt } = pipelineRecordOf(row);
        return { pipeline, dueAt: nextRunAt };
      });
    },
    advance: async (pipelineId, from, to) => {
      const rows = await database.query(ADVANCE, [pipelineId, from === null ? null : new Date(from), new Date(to)]);
      return rows.length > 0;
    },
  };
}
