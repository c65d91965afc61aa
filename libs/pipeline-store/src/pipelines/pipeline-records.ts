import type { Pipeline } from '@tripline/triggers';

/** The user-defined part of a pipeline. `tickers` is ignored if `scannerId` is set. */
export type PipelineDefinition = Omit<Pipeline, 'id' | 'version' | 'userId'>;

/** A pipeline at its current version, with its stored state. Times are epoch ms. */
export interface PipelineRecord {
  readonly pipeline: Pipeline;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Next scheduled time of a periodic pipeline; null until the scheduler has set it. */
  readonly nextRunAt: number | null;
  /** Event time of the last trigger. */
  readonly lastTriggeredAt: number | null;
}

export interface PipelineVersionRecord {
  readonly version: number;
  readonly pipeline: Pipeline;
  readonly createdBy: string;
  readonly createdAt: number;
}

/** Which version of a pipeline is current. */
export interface PipelineVersionKey {
  readonly id: string;
  readonly version: number;
}

/** A periodic pipeline that is due. `dueAt` null: not scheduled yet. */
export interface DueSchedule {
  readonly pipeline: Pipeline;
  readonly dueAt: number | null;
}
