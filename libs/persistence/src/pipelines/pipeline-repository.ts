import type { Pipeline } from '@tripline/domain';

import type { Database } from '../database/database';
import type { Page, PageRequest, Viewer } from '../database/page';
import type { PipelineDefinition, PipelineRecord, PipelineVersionRecord } from './pipeline-records';

export interface PipelineFilter extends PageRequest {
  readonly isActive?: boolean | undefined;
}

export interface PipelineRepository {
  /** Throws `DuplicateError` when the owner has one of this name, `ReferencedError` when the scanner is not the viewer's. */
  create(viewer: Viewer, definition: PipelineDefinition): Promise<PipelineRecord>;
  /** Makes a new version. Null when not there or not the viewer's; `VersionConflictError` when `expectedVersion` is old. */
  update(
    viewer: Viewer,
    id: string,
    definition: PipelineDefinition,
    expectedVersion?: number,
  ): Promise<PipelineRecord | null>;
  /** Switches on or off; a new version unless it already is so. */
  setActive(viewer: Viewer, id: string, isActive: boolean, expectedVersion?: number): Promise<PipelineRecord | null>;
  /** Takes it out of sight and switches it off; its history stays. False when not there or not the viewer's. */
  remove(viewer: Viewer, id: string): Promise<boolean>;
  find(viewer: Viewer, id: string): Promise<PipelineRecord | null>;
  list(viewer: Viewer, filter?: PipelineFilter): Promise<Page<PipelineRecord>>;
  listVersions(viewer: Viewer, id: string): Promise<readonly PipelineVersionRecord[]>;
  /** Every active pipeline that signals may start, at its current version: the input of the match index. */
  loadActive(): Promise<readonly Pipeline[]>;
  /** Current versions of these pipelines, inactive ones included; deleted ones are left out. */
  loadByIds(ids: readonly string[]): Promise<readonly Pipeline[]>;
}

export declare function createPipelineRepository(database: Database): PipelineRepository;
