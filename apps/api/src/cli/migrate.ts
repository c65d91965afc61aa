import { databaseConfigSchema } from '@tripline/database';
import { migrate } from '@tripline/migrations';
import { ConfigError, parseConfig } from '@tripline/runtime';

/** The image's migration command: `DATABASE_URL=… node cli/migrate.js`. The build copies the migrations beside it. */
async function main(): Promise<void> {
  const config = parseConfig(databaseConfigSchema, process.env);
  const { applied, createdDatabase } = await migrate(config.url.reveal(), {
    ssl: config.ssl === false ? undefined : config.ssl,
  });
  if (createdDatabase) console.log('database created');
  console.log(applied.length === 0 ? 'schema is up to date' : `applied ${applied.join(', ')}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError || !(error instanceof Error) ? String(error) : error.stack);
  process.exitCode = 1;
});
