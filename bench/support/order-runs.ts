import { join } from 'node:path';

import type { Database } from '@tripline/database';

import type { TopicRecord } from './bare/fill-topic';
import type { SeededPipeline } from './seed-pipelines';
import { ROOT } from './servers';
import { benchSignalId, encodeSignal, signalTypeOf, tickerOf, traceparentOf } from './signals';

/** Executions of five agents that end with an order: many tickers, all with the real daily bars of the S&P 500. */
const TICKERS = 40;
/** A day during a long rise, with bars before and after it. */
const DAY = '2017-06-01T00:00:00.000Z';
const CONFIDENCE = 80;
const USERS = 100;
const BARS = join(ROOT, 'node_modules', 'vega-datasets', 'data', 'sp500-2000.csv');

/** Environment of a worker that has the bars for these executions. */
export const ORDER_RUN_ENV = {
  HISTORY_CSV: Array.from({ length: TICKERS }, (_, n) => `${tickerOf(n)}=${BARS}`).join(','),
} as const;

/** One pipeline per signal, distinguished by ticker and signal type. */
export function orderPipelines(count: number): SeededPipeline[] {
  return Array.from({ length: count }, (_, index) => ({
    tickers: [tickerOf(index % TICKERS)],
    subscriptions: [{ signalType: signalTypeOf(Math.floor(index / TICKERS)), minConfidence: CONFIDENCE }],
  }));
}

/** The signal that matches only the n-th of these pipelines. */
export function orderSignal(index: number): TopicRecord {
  const ticker = tickerOf(index % TICKERS);
  const signalType = signalTypeOf(Math.floor(index / TICKERS));
  const value = encodeSignal({
    id: benchSignalId(index),
    signalType,
    ticker,
    confidence: CONFIDENCE,
    timestamp: DAY,
  });
  return { key: ticker, value, headers: { traceparent: traceparentOf(index) } };
}

/** Distributes the bench's pipelines over a hundred traders in rotation. */
export async function shareOutPipelines(database: Database): Promise<void> {
  await database.query({
    text: `-- update
WITH traders AS (
  INSERT INTO users (email, password_hash) SELECT 'trader' || n || '@bench.test', 'no log-in' FROM generate_series(1, ${USERS}) n
  RETURNING id
), numbered AS (
  SELECT id, row_number() OVER () - 1 AS n FROM traders
), pipeline AS (
  SELECT id, row_number() OVER () % ${USERS} AS n FROM pipelines
)
UPDATE pipelines p SET user_id = numbered.id FROM pipeline JOIN numbered USING (n) WHERE p.id = pipeline.id`,
  });
}

/** Creates executions of the pipelines as a dispatcher would decide them, without enqueuing. Returns what their jobs need. */
export async function decideRuns(
  database: Database,
): Promise<readonly { executionId: string; userId: string; generation: number }[]> {
  await database.query({
    text: `-- insert
WITH wanted AS (
  SELECT p.id AS pipeline_id, p.user_id, gen_random_uuid() AS execution_id, gen_random_uuid() AS signal_id,
    v.definition -> 'tickers' ->> 0 AS ticker, v.definition -> 'subscriptions' -> 0 ->> 'signalType' AS type
  FROM pipelines p JOIN pipeline_versions v ON v.pipeline_id = p.id AND v.version = p.version WHERE p.is_active
), signal AS (
  INSERT INTO signals (id, signal_type, source, occurred_at, tickers, metadata, appended_at)
  SELECT signal_id, type, 'bench', '${DAY}', jsonb_build_array(jsonb_build_object('ticker', ticker, 'signal', 'BULLISH',
    'confidence', ${CONFIDENCE}, 'reasoning', 'made up for a bench')), '{"seed": 7, "timeframe": "1d"}', now() FROM wanted
)
INSERT INTO executions (id, user_id, pipeline_id, pipeline_version, trigger_mode, signal_id, signal_type, ticker, direction,
  occurred_at, enqueued_at)
SELECT execution_id, user_id, pipeline_id, 1, 'signal', signal_id, type, ticker, 'BULLISH', '${DAY}', now() FROM wanted`,
  });
  await database.query({ text: 'ANALYZE' });
  const rows = await database.query<{ id: string; user_id: string }>({ text: 'SELECT id, user_id FROM executions' });
  return rows.map(({ id, user_id: userId }) => ({ executionId: id, userId, generation: 1 }));
}

const POLL_MS = 200;
const STALL_MS = 60_000;

/** Waits for this many executions to end with an order. Fails if one ends otherwise, or if none ends for a minute. */
export async function untilRunsEnded(database: Database, count: number, signal: AbortSignal): Promise<void> {
  let moved = { at: performance.now(), ended: 0 };
  for (;;) {
    signal.throwIfAborted();
    const [row] = await database.query<{ ended: number }>({
      text: `SELECT count(*)::int AS ended FROM orders WHERE status = 'filled'`,
    });
    const ended = row?.ended ?? 0;
    if (ended >= count) return;
    if (ended > moved.ended) moved = { at: performance.now(), ended };
    if (performance.now() - moved.at > STALL_MS) throw new Error(`${ended} of ${count} executions ended with an order`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
