import { type DatabaseConfig, databaseConfigSchema } from '../database/database-config';

/** @throws Error that names every variable that is wrong, never its value. */
export function createDatabaseConfigFromEnv(env: Readonly<Record<string, string | undefined>>): DatabaseConfig {
  const parsed = databaseConfigSchema.safeParse(env);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
}
