import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { expectedMockSignalIds } from '../../tools/accounting/expected-signals';
import type { AppProcess } from '../../tools/demo/app-process';
import type { BenchContext } from '../support/bench';
import { createLatencyRecorder, type LatencySummary } from '../support/latencies';
import { dueMs } from '../support/open-loop';
import { median, round } from '../support/statistics';
import type { Workplace } from '../support/workplace';
import { isMatching, type OfferedLoad, tickersOf } from './offered-load';

const POLL_MS = 1_000;
/** When nothing has changed for this long, check every signal. */
const QUIET_MS = 1_000;
const SETTLE_MS = 30_000;

/** Medians of the four stages, ms. */
export interface Stretches {
  /** From the due time until the broker has appended the record (in whole ms). */
  readonly publish: number;
  /** Until the decision, by PostgreSQL's clock in the deciding transaction. */
  readonly decide: number;
  /** Until the job was acknowledged as enqueued. This happens off the critical path, so an execution may start earlier. */
  readonly enqueue: number;
  /** From the decision until a worker has claimed the execution. */
  readonly claim: number;
}

export interface RealPathSummary extends LatencySummary {
  readonly stretches: Stretches;
  /** Matches skipped because the pipeline's last execution was still active. */
  readonly skipped: number;
}

/**
 * Runs one load through the real signal generator. Its mock feed is an open loop: the n-th signal is due n / rate seconds after
 * the feed's start, which the generator logs. An execution counts as running once its worker has claimed it (`started_at`, by
 * PostgreSQL's clock on the same machine).
 */
export async function measureRealPath(
  context: BenchContext,
  workplace: Workplace,
  load: OfferedLoad & { readonly seconds: number; readonly warmUpSeconds: number; readonly seed: number },
): Promise<RealPathSummary> {
  const tickers = tickersOf(load);
  const count = Math.floor(load.ratePerSecond * load.seconds);
  const ids = expectedMockSignalIds({ seed: load.seed, tickers, count });
  const generator = await startGenerator(workplace, { ...load, tickers, count });
  const matching = ids.filter((_, index) => isMatching(load, index % tickers.length));
  await untilDecided(context, workplace, matching);
  const startedAt = readFeedStart(generator);
  await generator.stop();
  return summarise(workplace, { ...load, ids, startedAt, matches: matching.length });
}

async function startGenerator(
  workplace: Workplace,
  feed: { seed: number; ratePerSecond: number; tickers: readonly string[]; count: number },
): Promise<AppProcess> {
  const stateDir = join(workplace.names.stateDir, `feed-${feed.ratePerSecond}-${feed.seed}`);
  rmSync(stateDir, { recursive: true, force: true });
  mkdirSync(stateDir, { recursive: true });
  const generator = await workplace.createApp('signal-generator', {
    FEEDS: 'mock',
    MOCK_SEED: String(feed.seed),
    MOCK_RATE_PER_SECOND: String(feed.ratePerSecond),
    MOCK_TICKERS: feed.tickers.join(','),
    MOCK_COUNT: String(feed.count),
    STATE_DIR: stateDir,
  });
  generator.launch();
  return generator;
}

/** Waits until every match of this load is in the decision log and every execution has started. */
async function untilDecided(context: BenchContext, { database }: Workplace, ids: readonly string[]): Promise<void> {
  let moved = { at: performance.now(), decided: -1 };
  for (;;) {
    context.signal.throwIfAborted();
    const [row] = await database.query<{ decided: string; waiting: string }>({
      text: `SELECT (SELECT count(*) FROM signal_matches)::text AS decided,
               (SELECT count(*) FROM executions WHERE started_at IS NULL)::text AS waiting`,
    });
    const decided = Number(row?.decided);
    if (decided > moved.decided) moved = { at: performance.now(), decided };
    const isQuiet = performance.now() - moved.at > QUIET_MS;
    if (isQuiet && row?.waiting === '0' && (await countDecided(database, ids)) === ids.length) return;
    if (performance.now() - moved.at > SETTLE_MS) {
      throw new Error(`no progress: ${decided} matches decided, ${row?.waiting} executions waiting`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function countDecided(database: Workplace['database'], ids: readonly string[]): Promise<number> {
  const [row] = await database.query<{ count: string }>(
    { text: 'SELECT count(*)::text AS count FROM signal_matches WHERE signal_id = ANY ($1::uuid[])' },
    [ids],
  );
  return Number(row?.count);
}

/** Start of the feed, epoch ms. The log truncates the fraction, so latencies are slightly overstated rather than understated. */
function readFeedStart(generator: AppProcess): number {
  const line = readFileSync(generator.logFile, 'utf8')
    .split('\n')
    .find((text) => text.includes('"feed_started"'));
  const timestamp = line === undefined ? undefined : (JSON.parse(line) as { timestamp?: string }).timestamp;
  if (timestamp === undefined) throw new Error(`${generator.logFile} does not say when the feed began`);
  return Date.parse(timestamp);
}

async function summarise(
  { database }: Workplace,
  load: OfferedLoad & {
    readonly warmUpSeconds: number;
    readonly ids: readonly string[];
    readonly startedAt: number;
    readonly matches: number;
  },
): Promise<RealPathSummary> {
  const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;
  const rows = await database.query<RunTimes>(
    {
      text: `SELECT e.signal_id, ${ms('s.appended_at')} AS appended, ${ms('m.decided_at')} AS decided,
               ${ms('e.enqueued_at')} AS enqueued, ${ms('e.started_at')} AS started
             FROM executions e JOIN signals s ON s.id = e.signal_id
             JOIN signal_matches m ON m.signal_id = e.signal_id AND m.pipeline_id = e.pipeline_id
             WHERE e.signal_id = ANY ($1::uuid[])`,
    },
    [load.ids],
  );
  const places = new Map(load.ids.map((id, index) => [id, index]));
  const firstCounted = load.ratePerSecond * load.warmUpSeconds;
  const recorder = createLatencyRecorder();
  const stretches = { publish: [], decide: [], enqueue: [], claim: [] } as Record<keyof Stretches, number[]>;
  for (const { signal_id, appended, decided, enqueued, started } of rows) {
    const index = places.get(signal_id) ?? 0;
    if (index < firstCounted) continue;
    const due = load.startedAt + dueMs(index, load.ratePerSecond);
    recorder.record(started - due);
    stretches.publish.push(appended - due);
    stretches.decide.push(decided - appended);
    stretches.enqueue.push((enqueued ?? decided) - decided);
    stretches.claim.push(started - decided);
  }
  const medians = Object.fromEntries(Object.entries(stretches).map(([name, list]) => [name, round(median(list))]));
  return {
    ...recorder.summary(),
    stretches: medians as unknown as Stretches,
    skipped: load.matches - rows.length,
  };
}

interface RunTimes {
  readonly signal_id: string;
  readonly appended: number;
  readonly decided: number;
  readonly enqueued: number | null;
  readonly started: number;
}
