import { resolve } from 'node:path';

import type { Database } from '@tripline/database';

import type { BenchContext } from './bench';

const POLL_MS = 20;
/** Longest time without progress before a dispatcher counts as stopped. */
const STALL_MS = 60_000;

/** A dispatcher's progress, from its database. */
interface Progress {
  readonly records: number;
  readonly duplicates: number;
  readonly dead: number;
}

/** What a dispatcher did with a topic; all of it is committed. */
export interface DispatchRun {
  /** Signals decided per second, from the end of the warm-up until the last one is decided and the last job is in the queue. */
  readonly perSecond: number;
  readonly seconds: number;
  readonly signals: number;
  readonly pairs: number;
  readonly triggered: number;
  /** CPU time of the dispatcher's process, s; null on systems without /proc. */
  readonly cpuSeconds: number | null;
}

async function readProgress(database: Database): Promise<Progress> {
  const [row] = await database.query<Record<keyof Progress, string>>({
    text: `SELECT coalesce(sum(records), 0)::text AS records, coalesce(sum(duplicates), 0)::text AS duplicates,
             coalesce(sum(dead), 0)::text AS dead FROM consumer_progress`,
  });
  return { records: Number(row?.records), duplicates: Number(row?.duplicates), dead: Number(row?.dead) };
}

/** Follows a newly launched dispatcher until its whole topic is decided and enqueued. */
export async function followDispatcher(
  context: BenchContext,
  options: {
    readonly database: Database;
    readonly count: number;
    /** Warm-up: number of signals before the clock starts. */
    readonly warmUp: number;
    readonly cpuSeconds: () => Promise<number | null>;
  },
): Promise<DispatchRun> {
  const { database, count, warmUp } = options;
  let start: { at: number; records: number; cpu: number | null } | undefined;
  let moved = { at: performance.now(), records: 0 };
  for (;;) {
    context.signal.throwIfAborted();
    const { records, duplicates, dead } = await readProgress(database);
    const at = performance.now();
    if (start === undefined && records >= warmUp && records > 0) {
      start = { at, records, cpu: await options.cpuSeconds() };
    }
    if (records > moved.records) moved = { at, records };
    if (at - moved.at > STALL_MS) throw new Error(`the dispatcher has stopped at ${records} of ${count} signals`);
    if (records >= count) {
      if (duplicates > 0 || dead > 0)
        throw new Error(`expected no duplicates and dead signals, got ${duplicates} and ${dead}`);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  if (start === undefined) throw new Error('nothing was measured: the load ended during the warm-up');
  await untilEnqueued(database);
  const endedAt = performance.now();
  const cpu = await options.cpuSeconds();
  const seconds = (endedAt - start.at) / 1_000;
  const signals = count - start.records;
  return {
    perSecond: signals / seconds,
    seconds,
    signals,
    cpuSeconds: cpu === null || start.cpu === null ? null : cpu - start.cpu,
    ...(await countDecisions(database)),
  };
}

/** Waits until all executions are acknowledged as enqueued. */
async function untilEnqueued(database: Database): Promise<void> {
  const deadline = performance.now() + STALL_MS;
  for (;;) {
    const [row] = await database.query<{ waiting: string }>({
      text: `SELECT count(*)::text AS waiting FROM executions WHERE enqueued_at IS NULL AND status = 'pending'`,
    });
    if (row?.waiting === '0') return;
    if (performance.now() > deadline) throw new Error(`${row?.waiting} executions were not enqueued`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function countDecisions(database: Database): Promise<{ pairs: number; triggered: number }> {
  const [row] = await database.query<{ pairs: string; triggered: string }>({
    text: `SELECT count(*)::text AS pairs, count(*) FILTER (WHERE outcome = 'TRIGGERED')::text AS triggered
           FROM signal_matches`,
  });
  return { pairs: Number(row?.pairs), triggered: Number(row?.triggered) };
}

/** Makes a service write a CPU profile into the folder given by `--profile`, if any. */
export function profileEnvironment({ options }: BenchContext): Readonly<Record<string, string>> {
  const folder = options.text('profile', '');
  return folder === '' ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(folder)}` };
}
