import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One folder `<timestamp>_<name>` of the migrations. */
export interface MigrationFile {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file in hex, as Prisma records it. */
  readonly checksum: string;
}

/** Beside the source, beside a bundle, below the working directory. */
export function findMigrationsDir(): string {
  const candidates = [
    join(__dirname, '../../../database/prisma/migrations'),
    join(__dirname, 'migrations'),
    join(process.cwd(), 'libs/database/prisma/migrations'),
  ];
  const found = candidates.find((folder) => existsSync(join(folder, 'migration_lock.toml')));
  if (found === undefined) throw new Error(`no migrations found in ${candidates.join(', ')}`);
  return found;
}

/** In order of application. */
export function readMigrations(folder: string): readonly MigrationFile[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const content = readFileSync(join(folder, name, 'migration.sql'));
      return { name, sql: content.toString('utf8'), checksum: createHash('sha256').update(content).digest('hex') };
    });
}

/** Fingerprint of all migrations; 12 hex digits. */
export function migrationsHash(migrations: readonly MigrationFile[]): string {
  const all = migrations.map((migration) => `${migration.name} ${migration.checksum}`).join('\n');
  return createHash('sha256').update(all).digest('hex').slice(0, 12);
}
