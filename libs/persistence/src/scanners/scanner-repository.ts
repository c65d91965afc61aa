import type { Database } from '../database/database';
import type { Viewer } from '../database/page';

/** A named, reusable set of tickers. */
export interface ScannerRecord {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly tickers: readonly string[];
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ScannerInput {
  readonly name: string;
  readonly tickers: readonly string[];
}

export interface ScannerRepository {
  /** Throws `DuplicateError` when the owner has one of this name. */
  create(viewer: Viewer, input: ScannerInput): Promise<ScannerRecord>;
  /**
   * Replaces name and tickers; every pipeline that uses the scanner gets a new version with the new tickers, in the same
   * transaction. Null when it is not there or not the viewer's. Throws `VersionConflictError` when `expectedVersion` is old.
   */
  update(viewer: Viewer, id: string, input: ScannerInput, expectedVersion?: number): Promise<ScannerRecord | null>;
  /** False when it is not there or not the viewer's. Throws `ReferencedError` while a pipeline uses it. */
  remove(viewer: Viewer, id: string): Promise<boolean>;
  find(viewer: Viewer, id: string): Promise<ScannerRecord | null>;
  list(viewer: Viewer): Promise<readonly ScannerRecord[]>;
}

export declare function createScannerRepository(database: Database): ScannerRepository;
