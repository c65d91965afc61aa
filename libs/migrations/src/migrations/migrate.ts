import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

import { ensureDatabase } from './ensure-database';
import { findMigrationsDir, type MigrationFile, readMigrations } from './migration-files';

export interface MigrateOptions {
  /** Folder with `<name>/migration.sql`. Default: beside the source or the bundle, else below the working directory. */
  readonly migrationsDir?: string | undefined;
  /** Create the database if it is missing; default true. */
  readonly createDatabase?: boolean | undefined;
  readonly ssl?: { readonly ca?: string; readonly rejectUnauthorized: boolean } | undefined;
}

export interface MigrateResult {
  /** Names of the migrations applied by this call. */
  readonly applied: readonly string[];
  readonly createdDatabase: boolean;
}

/** The stored history and the files contradict each other. An operator has to intervene. */
export class MigrationError extends Error {
  readonly migration: string;

  constructor(migration: string, message: string, options?: ErrorOptions) {
    super(`migration ${migration}: ${message}`, options);
    this.name = 'MigrationError';
    this.migration = migration;
  }
}

/** The advisory lock of `prisma migrate`, so that the two never run at once. */
const PRISMA_LOCK_ID = 72_707_369;

/**
 * A file with the first line `-- no-transaction` runs outside a transaction: for CREATE INDEX CONCURRENTLY, one
 * statement per file.
 */
const NO_TRANSACTION = /^--\s*no-transaction\b/;

/** Prisma's own table in Prisma's own format, so either tool can continue where the other stopped. */
const HISTORY_TABLE = `
CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

/**
 * Brings the schema up to date. Any number of processes may call it at once: one works, the others wait and find
 * nothing to do. Unknown migrations (of a newer version) are ignored.
 * @throws MigrationError when an applied file was edited, an earlier attempt stopped half-way, or a statement fails.
 */
export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<MigrateResult> {
  const migrations = readMigrations(options.migrationsDir ?? findMigrationsDir());
  const createdDatabase = options.createDatabase === false ? false : await ensureDatabase(databaseUrl, options.ssl);
  const client = new Client({ connectionString: databaseUrl, ssl: options.ssl, application_name: 'tripline-migrate' });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK_ID]);
    await client.query(HISTORY_TABLE);
    const pending = selectPending(migrations, await loadHistory(client));
    for (const migration of pending) await applyMigration(client, migration);
    return { applied: pending.map((migration) => migration.name), createdDatabase };
  } finally {
    // Closing the session releases the lock.
    await client.end();
  }
}

interface HistoryRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

async function loadHistory(client: Client): Promise<readonly HistoryRow[]> {
  const result = await client.query<HistoryRow>(
    `SELECT migration_name, checksum, finished_at IS NOT NULL AS finished
     FROM "_prisma_migrations" WHERE rolled_back_at IS NULL`,
  );
  return result.rows;
}

function selectPending(migrations: readonly MigrationFile[], history: readonly HistoryRow[]): readonly MigrationFile[] {
  const unfinished = history.find((row) => !row.finished);
  if (unfinished !== undefined) throw new MigrationError(unfinished.migration_name, 'was started but not finished');
  const applied = new Map(history.map((row) => [row.migration_name, row.checksum]));
  for (const migration of migrations) {
    const checksum = applied.get(migration.name);
    if (checksum !== undefined && checksum !== migration.checksum) {
      throw new MigrationError(migration.name, 'was edited after it was applied: add a new migration instead');
    }
  }
  return migrations.filter((migration) => !applied.has(migration.name));
}

async function applyMigration(client: Client, migration: MigrationFile): Promise<void> {
  const inTransaction = !NO_TRANSACTION.test(migration.sql);
  try {
    if (inTransaction) await client.query('BEGIN');
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), now(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    if (inTransaction) await client.query('COMMIT');
  } catch (cause) {
    if (inTransaction) await client.query('ROLLBACK').catch(() => undefined);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MigrationError(migration.name, reason, { cause });
  }
}
