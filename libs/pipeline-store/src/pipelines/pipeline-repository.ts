import type { Pipeline } from '@tripline/triggers';
import { randomUUID } from 'node:crypto';

import { type Database, withConstraintErrors } from '@tripline/database';
import { equals, loadPage, ownerCondition, ownerOf, type Page, type PageRequest, type Viewer } from '@tripline/paging';
import type { UserLimits } from '@tripline/user-store';
import { changePipeline, insertPipeline, type PipelineChange } from './change-pipeline';
import type { PipelineDefinition, PipelineRecord, PipelineVersionKey, PipelineVersionRecord } from './pipeline-records';
import {
  type CurrentRow,
  FIND_INACTIVE,
  LIST_ACTIVE_VERSIONS,
  LOAD_BY_IDS,
  pipelineOf,
  type PipelineRow,
  pipelineRecordOf,
  REMOVE_PIPELINE,
  SELECT_PIPELINES,
  SELECT_VERSIONS,
  type VersionRow,
} from './pipeline-rows';

export interface PipelineFilter extends PageRequest {
  readonly isActive?: boolean | undefined;
}

export interface PipelineRepository {
  /**
   * Throws `DuplicateError` when the owner has a pipeline of this name, `ReferencedError` when the scanner is not the viewer's,
   * `LimitReachedError` when the owner has reached the limit.
   */
  create(viewer: Viewer, definition: PipelineDefinition): Promise<PipelineRecord>;
  /** Creates a new version. Null if unknown or not the viewer's. Throws `VersionConflictError` if `expectedVersion` is outdated. */
  update(
    viewer: Viewer,
    id: string,
    definition: PipelineDefinition,
    expectedVersion?: number,
  ): Promise<PipelineRecord | null>;
  /** Activates or deactivates. Creates a new version unless already in this state. */
  setActive(viewer: Viewer, id: string, isActive: boolean, expectedVersion?: number): Promise<PipelineRecord | null>;
  /** Hides and deactivates the pipeline and keeps its history. False if unknown or not the viewer's. */
  remove(viewer: Viewer, id: string): Promise<boolean>;
  find(viewer: Viewer, id: string): Promise<PipelineRecord | null>;
  list(viewer: Viewer, filter?: PipelineFilter): Promise<Page<PipelineRecord>>;
  listVersions(viewer: Viewer, id: string): Promise<readonly PipelineVersionRecord[]>;
  /** Every active signal pipeline at its current version: the input of the match index. */
  loadActive(): Promise<readonly Pipeline[]>;
  /** Ids and current versions of the active signal pipelines, ordered by id, starting after `after` (null: at the first). */
  listActiveVersions(after: string | null, limit: number): Promise<readonly PipelineVersionKey[]>;
  /** Returns the ids that are not active signal pipelines. */
  findInactive(ids: readonly string[]): Promise<readonly string[]>;
  /** Current versions of these pipelines, including inactive but not deleted ones. */
  loadByIds(ids: readonly string[]): Promise<readonly Pipeline[]>;
}

/** @param limits how many pipelines a user may own; default: no limit, for seeding and tests */
export function createPipelineRepository(database: Database, limits: UserLimits | null = null): PipelineRepository {
  const find = async (viewer: Viewer, id: string): Promise<PipelineRecord | null> =>
    (await loadPipelines(database, WHERE_VISIBLE, [id, ownerOf(viewer)]))[0] ?? null;
  const change = async (
    viewer: Viewer,
    id: string,
    wanted: PipelineChange,
    expectedVersion: number | undefined,
  ): Promise<PipelineRecord | null> => {
    const changed = await withConstraintErrors(async () =>
      database.withTransaction(async (transaction) =>
        changePipeline(transaction, viewer, id, wanted, expectedVersion, limits),
      ),
    );
    return changed ? find(viewer, id) : null;
  };

  return {
    create: async (viewer, definition) => {
      const id = randomUUID();
      await withConstraintErrors(async () =>
        database.withTransaction(async (transaction) => insertPipeline(transaction, viewer, id, definition, limits)),
      );
      const created = await find(viewer, id);
      if (created === null) throw new Error('the pipeline was removed while it was created');
      return created;
    },
    update: async (viewer, id, definition, expectedVersion) => change(viewer, id, { definition }, expectedVersion),
    setActive: async (viewer, id, isActive, expectedVersion) => change(viewer, id, { isActive }, expectedVersion),
    remove: async (viewer, id) => (await database.query({ text: REMOVE_PIPELINE }, [id, ownerOf(viewer)])).length > 0,
    find,
    list: async (viewer, filter = {}) => listPipelines(database, viewer, filter),
    listVersions: async (viewer, id) => listVersions(database, viewer, id),
    loadActive: async () => (await loadPipelines(database, WHERE_ACTIVE)).map((row) => row.pipeline),
    listActiveVersions: async (after, limit) =>
      database.query<{ id: string; version: number }>(LIST_ACTIVE_VERSIONS, [after, limit]),
    findInactive: async (ids) => (await database.query<{ id: string }>(FIND_INACTIVE, [ids])).map((row) => row.id),
    loadByIds: async (ids) =>
      (await database.query<CurrentRow>(LOAD_BY_IDS, [ids])).map((row) =>
        pipelineOf(row.id, row.version, row.user_id, row.definition),
      ),
  };
}

const WHERE_VISIBLE = 'WHERE p.id = $1 AND ($2::uuid IS NULL OR p.user_id = $2) AND p.deleted_at IS NULL';
const WHERE_ACTIVE = "WHERE p.is_active AND p.trigger_mode = 'signal' ORDER BY p.id";

async function loadPipelines(
  database: Database,
  where: string,
  values: readonly unknown[] = [],
): Promise<readonly PipelineRecord[]> {
  const rows = await database.query<PipelineRow>({ text: `${SELECT_PIPELINES} ${where}` }, values);
  return rows.map(pipelineRecordOf);
}

async function listPipelines(
  database: Database,
  viewer: Viewer,
  filter: PipelineFilter,
): Promise<Page<PipelineRecord>> {
  return loadPage(database, {
    request: filter,
    select: SELECT_PIPELINES,
    timeColumn: 'p.created_at',
    idColumn: 'p.id',
    idType: 'uuid',
    conditions: [
      { sql: 'p.deleted_at IS NULL' },
      ...ownerCondition('p.user_id', viewer),
      ...equals('p.is_active', filter.isActive),
    ],
    toItem: pipelineRecordOf,
  });
}

async function listVersions(database: Database, viewer: Viewer, id: string): Promise<readonly PipelineVersionRecord[]> {
  const rows = await database.query<VersionRow>({ text: SELECT_VERSIONS }, [id, ownerOf(viewer)]);
  return rows.map((row) => ({
    version: row.version,
    pipeline: pipelineOf(row.pipeline_id, row.version, row.user_id, row.definition),
    createdBy: row.created_by,
    createdAt: row.created_at.getTime(),
  }));
}
