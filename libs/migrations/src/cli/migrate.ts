import { parseConfig } from '@tripline/runtime';

import { databaseConfigSchema } from '@tripline/database';
import { migrate } from '../migrations/migrate';

/** `DATABASE_URL=… migrate [migrations folder]`: creates the database if it is missing and applies new migrations. */
async function main(): Promise<void> {
  const config = parseConfig(databaseConfigSchema, process.env);
  const { applied, createdDatabase } = await migrate(config.url.reveal(), {
    migrationsDir: process.argv[2],
    ssl: config.ssl === false ? undefined : { ...config.ssl },
  });
  const created = createdDatabase ? 'database created, ' : '';
  process.stdout.write(
    applied.length === 0 ? `${created}schema is up to date\n` : `${created}applied ${applied.join(', ')}\n`,
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
