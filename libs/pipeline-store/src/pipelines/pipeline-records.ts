import type { Pipeline } from '@tripline/triggers';

/** What a user decides about a pipeline; `tickers` is ignored when `scannerId` names a scanner. */
export type PipelineDefinition = Omit<Pipeline, 'id' | 'version' | 'userId'>;

/** A pipeline at its current version with what the store knows beside it. Times are epoch ms. */
export interface PipelineRecord {
  readonly pipeline: Pipeline;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Next run of a periodic pipeline; null until the scheduler has set it. */
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

/** A periodic pipeline whose time has come; `dueAt` null: never scheduled yet. */
export interface DueSchedule {
  readonly pipeline: Pipeline;
  readonly dueAt: number | null;
}
