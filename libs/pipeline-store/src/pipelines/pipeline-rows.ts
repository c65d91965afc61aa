import type { Pipeline } from '@tripline/triggers';

import type { Statement } from '@tripline/database';
import type { PipelineDefinition, PipelineRecord } from './pipeline-records';

/** The stored document of a version: the definition with the domain's field names. */
export function definitionOf(pipeline: PipelineDefinition): PipelineDefinition {
  return {
    name: pipeline.name,
    triggerMode: pipeline.triggerMode,
    isActive: pipeline.isActive,
    tickers: pipeline.tickers,
    scannerId: pipeline.scannerId,
    subscriptions: pipeline.subscriptions,
    rule: pipeline.rule,
    overlap: pipeline.overlap,
    cooldownMs: pipeline.cooldownMs,
    maxSignalAgeMs: pipeline.maxSignalAgeMs,
    signalAgeFrom: pipeline.signalAgeFrom,
    market: pipeline.market,
    minQuality: pipeline.minQuality,
    venue: pipeline.venue,
    schedule: pipeline.schedule,
    agents: pipeline.agents,
    mode: pipeline.mode,
  };
}

/** Defaults for versions stored before these fields existed. Signal age was then measured from the broker's append time. */
const OLDER_VERSIONS = {
  rule: null,
  overlap: { policy: 'skip', key: 'pipeline', limit: 1, ttlMs: 0 },
  signalAgeFrom: 'append',
  market: null,
  minQuality: null,
  venue: 'paper',
} as const satisfies Partial<PipelineDefinition>;
const OLDER_SCHEDULES = { at: null, calendar: null, catchUp: 'latest' } as const;

/** Converts a stored version to a domain pipeline. Only this library writes `pipeline_versions.definition`. */
export function pipelineOf(id: string, version: number, userId: string, definition: unknown): Pipeline {
  const stored = definition as PipelineDefinition;
  const schedule = stored.schedule === null ? null : { ...OLDER_SCHEDULES, ...stored.schedule };
  return { ...OLDER_VERSIONS, ...stored, schedule, id, version, userId };
}

/** Selects pipelines at their current version. A WHERE clause follows. */
export const SELECT_PIPELINES = `
SELECT p.id, p.user_id, p.version, v.definition, p.created_at, p.updated_at, p.next_run_at, t.last_occurred_at
FROM pipelines p
JOIN pipeline_versions v ON v.pipeline_id = p.id AND v.version = p.version
JOIN trigger_states t ON t.pipeline_id = p.id`;

/** $1 ids. Only the fields that the match index needs. */
export const LOAD_BY_IDS: Statement = {
  name: 'pipelines-by-ids',
  text: `SELECT p.id, p.user_id, p.version, v.definition
FROM pipelines p JOIN pipeline_versions v ON v.pipeline_id = p.id AND v.version = p.version
WHERE p.id = ANY ($1::uuid[]) AND p.deleted_at IS NULL`,
};

export interface CurrentRow {
  readonly id: string;
  readonly user_id: string;
  readonly version: number;
  readonly definition: unknown;
}

/** $1 id to start after, or null, $2 number of rows. */
export const LIST_ACTIVE_VERSIONS: Statement = {
  name: 'pipelines-active-versions',
  text: `SELECT id, version FROM pipelines
WHERE is_active AND trigger_mode = 'signal' AND deleted_at IS NULL
  AND id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000') ORDER BY id LIMIT $2`,
};

/** $1 ids. */
export const FIND_INACTIVE: Statement = {
  name: 'pipelines-inactive',
  text: `SELECT known.id FROM unnest($1::uuid[]) AS known (id) WHERE NOT EXISTS (
  SELECT FROM pipelines p
  WHERE p.id = known.id AND p.is_active AND p.trigger_mode = 'signal' AND p.deleted_at IS NULL)`,
};

/** $1 pipeline, $2 owner or null. */
export const SELECT_VERSIONS = `
SELECT v.pipeline_id, v.version, v.definition, v.created_by, v.created_at, p.user_id
FROM pipeline_versions v JOIN pipelines p ON p.id = v.pipeline_id
WHERE p.id = $1 AND ($2::uuid IS NULL OR p.user_id = $2) AND p.deleted_at IS NULL ORDER BY v.version DESC`;

/** $1 pipeline, $2 owner or null. Only hides the row, because decisions, executions and orders refer to it permanently. */
export const REMOVE_PIPELINE = `
UPDATE pipelines SET deleted_at = now(), updated_at = now(), is_active = false, next_run_at = NULL
WHERE id = $1 AND ($2::uuid IS NULL OR user_id = $2) AND deleted_at IS NULL RETURNING id`;

export interface PipelineRow {
  readonly id: string;
  readonly user_id: string;
  readonly version: number;
  readonly definition: unknown;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly next_run_at: Date | null;
  readonly last_occurred_at: Date | null;
}

export interface VersionRow {
  readonly pipeline_id: string;
  readonly user_id: string;
  readonly version: number;
  readonly definition: unknown;
  readonly created_by: string;
  readonly created_at: Date;
}

export function pipelineRecordOf(row: PipelineRow): PipelineRecord {
  return {
    pipeline: pipelineOf(row.id, row.version, row.user_id, row.definition),
    createdAt: row.created_at.getTime(),
    updatedAt: row.updated_at.getTime(),
    nextRunAt: row.next_run_at?.getTime() ?? null,
    lastTriggeredAt: row.last_occurred_at?.getTime() ?? null,
  };
}
