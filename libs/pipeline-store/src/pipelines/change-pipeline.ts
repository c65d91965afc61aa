import { INITIAL_PAPER_CASH } from '@tripline/trading';
import { isTickerPattern } from '@tripline/triggers';

import { type Queryable, ReferencedError, type Statement, VersionConflictError } from '@tripline/database';
import { ownerOf, type Viewer } from '@tripline/paging';
import { assertBelowLimit, lockOwner, type UserLimits } from '@tripline/user-store';
import type { PipelineDefinition } from './pipeline-records';
import { definitionOf } from './pipeline-rows';

/** $1 id, $2 owner, $3 name, $4 trigger mode, $5 active, $6 scanner, $7 definition, $8 initial cash. Repeatable by its id. */
const INSERT_PIPELINE: Statement = {
  text: `-- insert
WITH head AS (
  INSERT INTO pipelines (id, user_id, name, trigger_mode, is_active, scanner_id)
  VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING RETURNING id, user_id, version
), version AS (
  INSERT INTO pipeline_versions (pipeline_id, version, definition, created_by)
  SELECT id, version, $7::jsonb, user_id FROM head
), state AS (
  INSERT INTO trigger_states (pipeline_id) SELECT id FROM head
)
INSERT INTO paper_accounts (pipeline_id, initial_cash, cash) SELECT id, $8::numeric, $8::numeric FROM head`,
};

/** $1 id, $2 owner or null. */
const READ_OWNER: Statement = {
  text: 'SELECT user_id FROM pipelines WHERE id = $1 AND ($2::uuid IS NULL OR user_id = $2) AND deleted_at IS NULL',
};

/** $1 id, $2 owner or null. */
const LOCK_PIPELINE: Statement = {
  text: `SELECT version FROM pipelines
WHERE id = $1 AND ($2::uuid IS NULL OR user_id = $2) AND deleted_at IS NULL FOR UPDATE`,
};

/**
 * $1 id, $2 version. A separate statement after the lock: combined with it, the statement would use a snapshot from before the
 * wait and miss the new version.
 */
const READ_DEFINITION: Statement = {
  text: 'SELECT definition FROM pipeline_versions WHERE pipeline_id = $1 AND version = $2',
};

/**
 * $1 id, $2 new version, $3 name, $4 trigger mode, $5 active, $6 scanner, $7 definition, $8 acting user. The
 * scheduler plans the next execution again if the schedule, mode or active flag changed.
 */
const ADD_VERSION: Statement = {
  text: `-- update
WITH version AS (
  INSERT INTO pipeline_versions (pipeline_id, version, definition, created_by) VALUES ($1, $2, $7::jsonb, $8)
)
UPDATE pipelines p SET version = $2, name = $3, trigger_mode = $4, is_active = $5, scanner_id = $6, updated_at = now(),
  next_run_at = CASE WHEN v.definition -> 'schedule' = $7::jsonb -> 'schedule' AND p.is_active AND $5
    AND p.trigger_mode = $4 THEN p.next_run_at END
FROM pipeline_versions v WHERE p.id = $1 AND v.pipeline_id = p.id AND v.version = p.version`,
};

/** FOR SHARE makes changes of the scanner wait until the new version is visible. $1 scanner, $2 owner. */
const READ_SCANNER: Statement = {
  text: 'SELECT tickers FROM scanners WHERE id = $1 AND user_id = $2 FOR SHARE',
};

/**
 * Head, first version, trigger state and paper account in one statement.
 * @throws LimitReachedError when the viewer has reached the limit
 */
export async function insertPipeline(
  transaction: Queryable,
  viewer: Viewer,
  id: string,
  definition: PipelineDefinition,
  limits: UserLimits | null = null,
): Promise<void> {
  const ownerId = viewer.userId;
  await lockOwner(transaction, ownerId, limits);
  await assertBelowLimit(transaction, { resource: 'pipelines', ownerId, id }, limits);
  if (watchesPattern(definition)) {
    await assertBelowLimit(transaction, { resource: 'wildcard_pipelines', ownerId, id }, limits);
  }
  const resolved = await resolveTickers(transaction, viewer.userId, definition);
  await transaction.query(INSERT_PIPELINE, [
    id,
    viewer.userId,
    resolved.name,
    resolved.triggerMode,
    resolved.isActive,
    resolved.scannerId,
    JSON.stringify(definitionOf(resolved)),
    INITIAL_PAPER_CASH,
  ]);
}

function watchesPattern(definition: Pick<PipelineDefinition, 'tickers' | 'scannerId'>): boolean {
  // The tickers of a scanner are never patterns.
  return definition.scannerId === null && definition.tickers.some(isTickerPattern);
}

/** A complete new definition, or only the active flag. */
export type PipelineChange = { readonly definition: PipelineDefinition } | { readonly isActive: boolean };

/**
 * Adds a version. False if unknown or not the viewer's. Locks owner, scanner and pipeline in this order, like a change of the
 * scanner.
 * @throws LimitReachedError when the pipeline newly watches a pattern and the owner has reached the limit for these
 */
export async function changePipeline(
  transaction: Queryable,
  viewer: Viewer,
  id: string,
  change: PipelineChange,
  expectedVersion: number | undefined,
  limits: UserLimits | null = null,
): Promise<boolean> {
  const owners = await transaction.query<{ user_id: string }>(READ_OWNER, [id, ownerOf(viewer)]);
  if (owners[0] === undefined) return false;
  const ownerId = owners[0].user_id;
  if ('definition' in change && watchesPattern(change.definition)) await lockOwner(transaction, ownerId, limits);
  const resolved = 'definition' in change ? await resolveTickers(transaction, ownerId, change.definition) : null;
  const heads = await transaction.query<{ version: number }>(LOCK_PIPELINE, [id, ownerOf(viewer)]);
  const found = heads[0];
  if (found === undefined) return false;
  if (expectedVersion !== undefined && found.version !== expectedVersion) throw new VersionConflictError(found.version);
  const wanted = resolved ?? (await switched(transaction, id, found.version, 'isActive' in change && change.isActive));
  if (wanted === null) return true;
  if ('definition' in change && watchesPattern(wanted)) {
    const current = await readDefinition(transaction, id, found.version);
    // A pipeline that already watches a pattern may be changed even if the limit has been lowered since.
    if (current === null || !watchesPattern(current)) {
      await assertBelowLimit(transaction, { resource: 'wildcard_pipelines', ownerId, id }, limits);
    }
  }
  await transaction.query(ADD_VERSION, [
    id,
    found.version + 1,
    wanted.name,
    wanted.triggerMode,
    wanted.isActive,
    wanted.scannerId,
    JSON.stringify(definitionOf(wanted)),
    viewer.userId,
  ]);
  return true;
}

/** The current definition with the active flag changed; null if it already has this value. */
async function switched(
  transaction: Queryable,
  id: string,
  version: number,
  isActive: boolean,
): Promise<PipelineDefinition | null> {
  const current = await readDefinition(transaction, id, version);
  return current === null || current.isActive === isActive ? null : { ...current, isActive };
}

async function readDefinition(transaction: Queryable, id: string, version: number): Promise<PipelineDefinition | null> {
  const rows = await transaction.query<{ definition: PipelineDefinition }>(READ_DEFINITION, [id, version]);
  return rows[0]?.definition ?? null;
}

async function resolveTickers(
  transaction: Queryable,
  ownerId: string,
  definition: PipelineDefinition,
): Promise<PipelineDefinition> {
  if (definition.scannerId === null) return definition;
  const rows = await transaction.query<{ tickers: string[] }>(READ_SCANNER, [definition.scannerId, ownerId]);
  const scanner = rows[0];
  if (scanner === undefined) throw new ReferencedError('the scanner does not exist');
  return { ...definition, tickers: scanner.tickers };
}
