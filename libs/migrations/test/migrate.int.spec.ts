import { testInfra, uniqueName } from '@tripline/testing';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync, appendFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

import { maintenanceUrl, withDatabase } from '../src/migrations/ensure-database';
import { migrate } from '../src/migrations/migrate';
import { findMigrationsDir } from '../src/migrations/migration-files';

/** Every migration of the product, oldest first. */
const ALL = readdirSync(findMigrationsDir(), { withFileTypes: true })
  .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  .sort();

let url: string;
let folder: string;
beforeEach(() => {
  url = withDatabase(testInfra().databaseUrl, uniqueName('migrate').replaceAll('-', '_'));
  folder = join(mkdtempSync(join(tmpdir(), 'tripline-migrations-')), 'migrations');
  cpSync(findMigrationsDir(), folder, { recursive: true });
});
afterEach(async () => {
  rmSync(join(folder, '..'), { recursive: true });
  const admin = new Client({ connectionString: maintenanceUrl(url) });
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS "${new URL(url).pathname.slice(1)}" WITH (FORCE)`);
  await admin.end();
});

async function read(sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows as unknown[];
}

function addMigration(name: string, sql: string): void {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'migration.sql'), sql);
}

describe('migrating', () => {
  it('creates the database, applies every migration once, and does nothing the second time', async () => {
    const first = await migrate(url, { migrationsDir: folder });
    expect(first).toEqual({ createdDatabase: true, applied: ALL });
    expect(await migrate(url, { migrationsDir: folder })).toEqual({ createdDatabase: false, applied: [] });
    expect(
      await read(
        'SELECT migration_name, length(checksum) AS n, applied_steps_count FROM _prisma_migrations ORDER BY 1',
      ),
    ).toEqual(ALL.map((name) => ({ migration_name: name, n: 64, applied_steps_count: 1 })));
  });

  it('lets one of several processes migrate while the others wait', async () => {
    const results = await Promise.all(Array.from({ length: 4 }, async () => migrate(url, { migrationsDir: folder })));
    expect(results.flatMap((result) => result.applied)).toEqual(ALL);
  });

  it('applies a new file, outside a transaction if the file requests it', async () => {
    await migrate(url, { migrationsDir: folder });
    addMigration('29990101000000_more', 'ALTER TABLE users ADD COLUMN nick text;');
    addMigration('29990102000000_index', '-- no-transaction\nCREATE INDEX CONCURRENTLY users_nick ON users (nick);');
    const { applied } = await migrate(url, { migrationsDir: folder });
    expect(applied).toEqual(['29990101000000_more', '29990102000000_index']);
  });

  it('rolls a failing file back and names it', async () => {
    addMigration('29990101000000_bad', 'CREATE TABLE half (id int); SELECT nonsense;');
    await expect(migrate(url, { migrationsDir: folder })).rejects.toMatchObject({ migration: '29990101000000_bad' });
    expect(await read("SELECT to_regclass('half') AS half, count(*)::int AS n FROM _prisma_migrations")).toEqual([
      { half: null, n: ALL.length },
    ]);
  });

  it('rejects a file that was edited after it was applied', async () => {
    await migrate(url, { migrationsDir: folder });
    appendFileSync(join(folder, '20261121000000_init', 'migration.sql'), '-- changed\n');
    await expect(migrate(url, { migrationsDir: folder })).rejects.toThrow('was edited after it was applied');
  });
});
