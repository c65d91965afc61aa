import type { Database } from '../database/database';
import type { DueSchedule } from './pipeline-records';

export interface ScheduleStore {
  /** Active periodic pipelines that are due by Postgres' clock, and those never scheduled. */
  loadDue(limit: number): Promise<readonly DueSchedule[]>;
  /** Moves `next_run_at` on, unless another scheduler did so already. */
  advance(pipelineId: string, from: number | null, to: number): Promise<boolean>;
}

export declare function createScheduleStore(database: Database): ScheduleStore;
