import { randomUUID } from 'node:crypto';

import {
  type Database,
  type Queryable,
  type Scanner,
  type Statement,
  VersionConflictError,
  withConstraintErrors,
} from '@tripline/database';
import { ownedBy, ownerOf, type Viewer } from '@tripline/paging';
import { assertBelowLimit, lockOwner, type UserLimits } from '@tripline/user-store';

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
  /** Throws `DuplicateError` when the owner has a scanner of this name, `LimitReachedError` when they have reached the limit. */
  create(viewer: Viewer, input: ScannerInput): Promise<ScannerRecord>;
  /**
   * Replaces name and tickers; every pipeline that uses the scanner gets a new version with the new tickers, in the same
   * transaction. Null if unknown or not the viewer's. Throws `VersionConflictError` if `expectedVersion` is outdated.
   */
  update(viewer: Viewer, id: string, input: ScannerInput, expectedVersion?: number): Promise<ScannerRecord | null>;
  /** False if unknown or not the viewer's. Throws `ReferencedError` while a pipeline uses it. */
  remove(viewer: Viewer, id: string): Promise<boolean>;
  find(viewer: Viewer, id: string): Promise<ScannerRecord | null>;
  list(viewer: Viewer): Promise<readonly ScannerRecord[]>;
}

/** @param limits how many scanners a user may own; default: no limit, for seeding and tests */
export function createScannerRepository(database: Database, limits: UserLimits | null = null): ScannerRepository {
  const { scanner } = database.prisma;
  return {
    create: async (viewer, input) => {
      const id = randomUUID();
      await withConstraintErrors(async () =>
        database.withTransaction(async (transaction) => {
          await lockOwner(transaction, viewer.userId, limits);
          await assertBelowLimit(transaction, { resource: 'scanners', ownerId: viewer.userId, id }, limits);
          await transaction.query(INSERT_SCANNER, [id, viewer.userId, input.name, input.tickers]);
        }),
      );
      const created = await findScanner(database, viewer, id);
      if (created === null) throw new Error('the scanner was removed while it was created');
      return created;
    },
    update: async (viewer, id, input, expectedVersion) =>
      withConstraintErrors(async () =>
        database.withTransaction(async (transaction) => {
          const changed = await updateRow(transaction, viewer, id, input, expectedVersion);
          if (changed) await renewPipelines(transaction, viewer.userId, id, input.tickers);
          return changed;
        }),
      ).then(async (changed) => (changed ? findScanner(database, viewer, id) : null)),
    remove: async (viewer, id) =>
      withConstraintErrors(async () => (await scanner.deleteMany({ where: { id, ...ownedBy(viewer) } })).count > 0),
    find: async (viewer, id) => findScanner(database, viewer, id),
    list: async (viewer) =>
      (await scanner.findMany({ where: ownedBy(viewer), orderBy: [{ name: 'asc' }, { id: 'asc' }] })).map(scannerOf),
  };
}

async function findScanner(database: Database, viewer: Viewer, id: string): Promise<ScannerRecord | null> {
  const row = await database.prisma.scanner.findFirst({ where: { id, ...ownedBy(viewer) } });
  return row === null ? null : scannerOf(row);
}

async function updateRow(
  transaction: Queryable,
  viewer: Viewer,
  id: string,
  input: ScannerInput,
  expectedVersion: number | undefined,
): Promise<boolean> {
  const rows = await transaction.query<{ version: number }>(LOCK_SCANNER, [id, ownerOf(viewer)]);
  const found = rows[0];
  if (found === undefined) return false;
  if (expectedVersion !== undefined && found.version !== expectedVersion) {
    throw new VersionConflictError(found.version);
  }
  await transaction.query(UPDATE_SCANNER, [id, input.name, input.tickers]);
  return true;
}

/** Gives every pipeline that uses the scanner a new version with its tickers, because existing versions never change. */
async function renewPipelines(
  transaction: Queryable,
  userId: string,
  scannerId: string,
  tickers: readonly string[],
): Promise<void> {
  await transaction.query(LOCK_PIPELINES, [scannerId]);
  await transaction.query(RENEW_PIPELINES, [scannerId, JSON.stringify(tickers), userId]);
}

/** $1 id, $2 owner, $3 name, $4 tickers. Repeatable by its id. */
const INSERT_SCANNER: Statement = {
  text: 'INSERT INTO scanners (id, user_id, name, tickers) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING',
};

const LOCK_SCANNER: Statement = {
  text: 'SELECT version FROM scanners WHERE id = $1 AND ($2::uuid IS NULL OR user_id = $2) FOR UPDATE',
};

const UPDATE_SCANNER: Statement = {
  text: 'UPDATE scanners SET name = $2, tickers = $3, version = version + 1, updated_at = now() WHERE id = $1',
};

/** $1 scanner. A separate statement, so that the next one sees versions committed while this one waited. */
const LOCK_PIPELINES: Statement = {
  text: 'SELECT 1 FROM pipelines WHERE scanner_id = $1 AND deleted_at IS NULL ORDER BY id FOR UPDATE',
};

/** $1 scanner, $2 tickers as JSON, $3 acting user. */
const RENEW_PIPELINES: Statement = {
  text: `-- update
WITH changed AS (
  SELECT p.id, p.version + 1 AS version, jsonb_set(v.definition, '{tickers}', $2::jsonb) AS definition
  FROM pipelines p JOIN pipeline_versions v ON v.pipeline_id = p.id AND v.version = p.version
  WHERE p.scanner_id = $1 AND p.deleted_at IS NULL AND v.definition -> 'tickers' <> $2::jsonb
), versions AS (
  INSERT INTO pipeline_versions (pipeline_id, version, definition, created_by)
  SELECT id, version, definition, $3 FROM changed
)
UPDATE pipelines p SET version = c.version, updated_at = now() FROM changed c WHERE p.id = c.id`,
};

function scannerOf(row: Scanner): ScannerRecord {
  return {
    id: row.id,
    userId: row.userId,
    name: row.name,
    tickers: row.tickers,
    version: row.version,
    createdAt: row.createdAt.getTime(),
    updatedAt: row.updatedAt.getTime(),
  };
}
