import { Client, type ClientConfig, escapeIdentifier } from 'pg';

const UNKNOWN_DATABASE = '3D000';
/** Another process created it first: duplicate_database, or the unique index of pg_database. */
const CREATED_MEANWHILE = new Set(['42P04', '23505']);

/** Creates the database named in a URL if it is missing; true when this call created it. */
export async function ensureDatabase(databaseUrl: string, ssl?: ClientConfig['ssl']): Promise<boolean> {
  if (await databaseExists(databaseUrl, ssl)) return false;
  const client = new Client({ connectionString: maintenanceUrl(databaseUrl), ssl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${escapeIdentifier(databaseNameOf(databaseUrl))}`);
    return true;
  } catch (error) {
    if (CREATED_MEANWHILE.has(sqlStateOf(error))) return false;
    throw error;
  } finally {
    await client.end();
  }
}

/** The same server, database `postgres`. */
export function maintenanceUrl(databaseUrl: string): string {
  return withDatabase(databaseUrl, 'postgres');
}

/** The same server, another database. */
export function withDatabase(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.toString();
}

function databaseNameOf(databaseUrl: string): string {
  return decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
}

async function databaseExists(databaseUrl: string, ssl?: ClientConfig['ssl']): Promise<boolean> {
  const client = new Client({ connectionString: databaseUrl, ssl });
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (sqlStateOf(error) === UNKNOWN_DATABASE) return false;
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function sqlStateOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Drops a database of the same server and disconnects its clients. Does nothing when there is none. */
export async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  const client = new Client({ connectionString: maintenanceUrl(serverUrl) });
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`);
  } finally {
    await client.end();
  }
}
