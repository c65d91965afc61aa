import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier } from 'pg';

import { maintenanceUrl, withDatabase } from '../migrations/ensure-database';
import { migrate } from '../migrations/migrate';
import { findMigrationsDir, migrationsHash, readMigrations } from '../migrations/migration-files';

export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  /** Drops the database and disconnects remaining clients. */
  drop(): Promise<void>;
}

/** Serialises the creation of the template between test processes; any constant will do. */
const TEMPLATE_LOCK_ID = 741_852_963;

/** A migrated, empty database for one test, copied from a template that is created once per migration fingerprint. */
export async function createTestDatabase(
  adminUrl: string,
  options: { readonly prefix?: string } = {},
): Promise<TestDatabase> {
  const name = `${options.prefix ?? 'tripline_test'}_${randomBytes(6).toString('hex')}`;
  await withAdmin(adminUrl, async (admin) => {
    const template = await ensureTemplate(admin, adminUrl);
    await admin.query(`CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE ${escapeIdentifier(template)}`);
  });
  return {
    name,
    url: withDatabase(adminUrl, name),
    drop: async () =>
      withAdmin(adminUrl, async (admin) => {
        await admin.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`);
      }),
  };
}

async function ensureTemplate(admin: Client, adminUrl: string): Promise<string> {
  const template = `tripline_template_${migrationsHash(readMigrations(findMigrationsDir()))}`;
  await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK_ID]);
  try {
    const found = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [template]);
    if (found.rowCount === 0) {
      // Under another name until it is complete, so that a crash leaves no half-finished template.
      const draft = `${template}_draft`;
      await admin.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(draft)} WITH (FORCE)`);
      await migrate(withDatabase(adminUrl, draft));
      await admin.query(`ALTER DATABASE ${escapeIdentifier(draft)} RENAME TO ${escapeIdentifier(template)}`);
    }
  } finally {
    await admin.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK_ID]);
  }
  return template;
}

async function withAdmin(adminUrl: string, work: (admin: Client) => Promise<void>): Promise<void> {
  const admin = new Client({ connectionString: maintenanceUrl(adminUrl) });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
