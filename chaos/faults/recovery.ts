import { readJournal } from '../load/journal';
import type { TradingSystem } from '../system/trading-system';

/** Work that does not resume within this time counts as stuck. */
const DEADLINE_MS = 120_000;
const POLL_MS = 50;

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Seconds from `from` until the condition holds; null at the deadline. Errors count as false because servers may be down. */
export async function secondsUntil(
  condition: () => Promise<boolean>,
  from = performance.now(),
  deadlineMs = DEADLINE_MS,
): Promise<number | null> {
  for (;;) {
    const holds = await condition().catch(() => false);
    const elapsed = performance.now() - from;
    if (holds) return elapsed / 1000;
    if (elapsed > deadlineMs) return null;
    await wait(POLL_MS);
  }
}

/** Resolves when everything now in the topic has been decided. */
export async function untilDecided(system: TradingSystem, from = performance.now()): Promise<number | null> {
  const { admin, database, names } = system;
  const ends = await admin.offsets(names.topic).catch(() => null);
  if (ends === null) return untilDecisionsGrow(system, from);
  return secondsUntil(async () => {
    const rows = await database.query<{ part: number; next: string }>(
      { text: 'SELECT part, next_off::text AS next FROM consumer_progress WHERE topic = $1' },
      [names.topic],
    );
    const next = new Map(rows.map((row) => [row.part, BigInt(row.next)]));
    return ends.every(({ partition, high }) => high === 0n || (next.get(partition) ?? 0n) >= high);
  }, from);
}

async function countOf(system: TradingSystem, text: string, values: readonly unknown[] = []): Promise<number> {
  const [row] = await system.database.query<{ count: string }>({ text }, values);
  return Number(row?.count ?? 0);
}

const DECIDED = 'SELECT coalesce(sum(records), 0)::text AS count FROM consumer_progress';
const FINISHED = 'SELECT count(*)::text AS count FROM executions WHERE finished_at > $1::timestamptz';

export async function untilDecisionsGrow(system: TradingSystem, from = performance.now()): Promise<number | null> {
  let before: number | undefined;
  return secondsUntil(async () => {
    const now = await countOf(system, DECIDED);
    before ??= now;
    return now > before;
  }, from);
}

/** Executions that finish after this moment. */
export async function untilRunsEnd(system: TradingSystem, from = performance.now()): Promise<number | null> {
  let since: string | undefined;
  return secondsUntil(async () => {
    const [row] = await system.database.query<{ now: string }>({ text: 'SELECT clock_timestamp()::text AS now' });
    since ??= row?.now;
    return (await countOf(system, FINISHED, [since])) > 0;
  }, from);
}

interface Held {
  readonly id: string;
  readonly token: string;
}

/** Executions whose lease the worker holds. */
export async function runsOf(system: TradingSystem, worker: string): Promise<readonly Held[]> {
  return system.database.query<Held & Record<string, unknown>>(
    { text: `SELECT id, lease_token::text AS token FROM executions WHERE status = 'running' AND lease_owner = $1` },
    [worker],
  );
}

/** Waits until each execution has finished or was claimed again by any worker. */
export async function untilGoOn(
  system: TradingSystem,
  held: readonly Held[],
  from = performance.now(),
): Promise<number | null> {
  return secondsUntil(async () => {
    const waiting = await countOf(
      system,
      `SELECT count(*)::text AS count FROM executions e
       JOIN unnest($1::uuid[], $2::bigint[]) AS h (id, token) ON h.id = e.id
       WHERE e.finished_at IS NULL AND e.lease_token = h.token`,
      [held.map(({ id }) => id), held.map(({ token }) => token)],
    );
    return waiting === 0;
  }, from);
}

/** Waits until the broker has acknowledged more records to the load publisher. */
export async function untilAcked(system: TradingSystem, from = performance.now()): Promise<number | null> {
  const before = readJournal(system.journalFile).acked;
  return secondsUntil(() => Promise.resolve(readJournal(system.journalFile).acked > before), from);
}
