import type { Component, ReadinessCheck } from '@tripline/runtime';

import type { Database } from '@tripline/database';
import { KNOWN_MIGRATIONS } from './known-migrations';

export interface SchemaGateOptions {
  readonly database: Pick<Database, 'query'>;
  /** Called once for each incomplete state, with the names of the missing migrations. */
  readonly onWaiting: (missing: readonly string[]) => void;
  /** Names of the migrations this build needs. Default: all known ones. */
  readonly required?: readonly string[];
  /** Polling interval while waiting, ms. */
  readonly pollMs?: number;
}

/**
 * As a component it delays the following components until the schema is complete. As a check it names what is missing.
 */
export type SchemaGate = Component & ReadinessCheck;

const POLL_MS = 1_000;
const UNDEFINED_TABLE = '42P01';

/**
 * Compares the database with the migrations this build knows. A service that accepted work on an older schema would
 * fail at the first statement that uses a new column. Unknown migrations are fine: migrations only add, so a newer
 * version may have applied them.
 *
 * `start()` waits until nothing is missing, or until `stop()`. It rejects when the database cannot be queried.
 */
export function createSchemaGate(options: SchemaGateOptions): SchemaGate {
  const { database, onWaiting, required = KNOWN_MIGRATIONS, pollMs = POLL_MS } = options;
  const stopped = Promise.withResolvers<void>();
  let isStopping = false;

  const loadMissing = async (): Promise<readonly string[]> => {
    const finished = await loadFinished(database);
    return required.filter((name) => !finished.has(name));
  };

  return {
    name: 'schema',
    async start() {
      let reported = '';
      while (!isStopping) {
        const missing = await loadMissing();
        if (missing.length === 0) return;
        const state = missing.join();
        if (state !== reported) onWaiting(missing);
        reported = state;
        await delayUnless(stopped.promise, pollMs);
      }
    },
    stop() {
      isStopping = true;
      stopped.resolve();
      return Promise.resolve();
    },
    async check() {
      const missing = await loadMissing();
      return missing.length === 0
        ? { ok: true, detail: `${required.length} migrations finished` }
        : { ok: false, detail: `the database lacks ${missing.join(', ')}: run the migration` };
    },
  };
}

async function loadFinished(database: Pick<Database, 'query'>): Promise<ReadonlySet<string>> {
  try {
    const rows = await database.query<{ migration_name: string }>({
      text: `SELECT migration_name FROM "_prisma_migrations" WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
    });
    return new Set(rows.map((row) => row.migration_name));
  } catch (error) {
    // No history table: no migration has been applied yet.
    if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE) return new Set();
    throw error;
  }
}

async function delayUnless(stopped: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const elapsed = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([stopped, elapsed]);
  clearTimeout(timer);
}
