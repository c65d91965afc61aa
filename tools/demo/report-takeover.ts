import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

import { createDatabase, createDatabaseConfig, type Database } from '@tripline/database';

const LOOK_EVERY_MS = 250;
/** Far longer than a lease (9 s unless configured otherwise). */
const DEADLINE_MS = 60_000;

export interface TakeoverOptions {
  readonly databaseUrl: string;
  /** Pid of the worker that died. */
  readonly pid: number;
  /** Seconds since its death. */
  readonly secondsAgo: number;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Reports how many executions a dead worker left unfinished, once other workers have taken over all of them. They must
 * wait for its leases to expire. Reports nothing if it left none. Best effort: it never rejects.
 */
export async function reportTakeover(options: TakeoverOptions): Promise<void> {
  const { databaseUrl, pid, secondsAgo, report, signal } = options;
  const diedAt = performance.now() - secondsAgo * 1000;
  const database = createDatabase(createDatabaseConfig(databaseUrl, { poolSize: 1 }));
  try {
    await database.start();
    // The worker's default name, when WORKER_NAME is unset.
    const owner = `${hostname()}:${pid}`;
    const left = await heldBy(database, owner);
    while (left > 0 && (await heldBy(database, owner)) > 0) {
      if (performance.now() - diedAt > DEADLINE_MS) return;
      await delay(LOOK_EVERY_MS, undefined, { signal });
    }
    const seconds = ((performance.now() - diedAt) / 1000).toFixed(1);
    const noun = left === 1 ? 'execution' : 'executions';
    if (left > 0) report(`worker: ${left} ${noun} of pid ${pid} taken over ${seconds} s after its death`);
  } catch {
    return; // stopped, or the database is unavailable: nothing to report
  } finally {
    await database.stop().catch(() => undefined);
  }
}

async function heldBy(database: Database, owner: string): Promise<number> {
  const [row] = await database.query<{ held: string }>(
    { text: `SELECT count(*)::text AS held FROM executions WHERE status = 'running' AND lease_owner = $1` },
    [owner],
  );
  return Number(row?.held ?? 0);
}
