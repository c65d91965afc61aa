import type { Database, Statement } from '@tripline/database';

/**
 * Activity of a pipeline around the moment a halt was engaged. Times in ms after it, negative before, null for never.
 */
export interface HaltFigures {
  readonly triggeredBefore: number;
  readonly refusedAfter: number;
  readonly ordersBefore: number;
  readonly lastTriggeredMs: number | null;
  readonly lastStartedMs: number | null;
  readonly lastOrderMs: number | null;
  readonly lastCancelledMs: number | null;
  /** Executions that still wait or run. */
  readonly unfinished: number;
}

/** $1 halt, $2 pipeline, $3 start of this drill. All times by PostgreSQL's clock. */
const FIGURES: Statement = {
  text: `
WITH h AS (SELECT engaged_at AS at FROM halts WHERE id = $1),
d AS (SELECT m.outcome, m.decided_at FROM signal_matches m WHERE m.pipeline_id = $2 AND m.decided_at >= $3),
e AS (SELECT * FROM executions x WHERE x.pipeline_id = $2 AND x.created_at >= $3),
o AS (SELECT created_at FROM orders x WHERE x.pipeline_id = $2 AND x.created_at >= $3
  AND x.client_order_id NOT LIKE 'flatten-%')
SELECT
  (SELECT count(*)::int FROM d, h WHERE d.outcome = 'TRIGGERED' AND d.decided_at < h.at) AS "triggeredBefore",
  (SELECT count(*)::int FROM d, h WHERE d.outcome = 'SKIPPED_RISK_HALT' AND d.decided_at >= h.at) AS "refusedAfter",
  (SELECT count(*)::int FROM o, h WHERE o.created_at < h.at) AS "ordersBefore",
  (SELECT extract(epoch FROM max(d.decided_at) - h.at)::float8 * 1000 FROM d, h WHERE d.outcome = 'TRIGGERED' GROUP BY h.at)
    AS "lastTriggeredMs",
  (SELECT extract(epoch FROM max(e.started_at) - h.at)::float8 * 1000 FROM e, h WHERE e.status <> 'skipped' GROUP BY h.at)
    AS "lastStartedMs",
  (SELECT extract(epoch FROM max(o.created_at) - h.at)::float8 * 1000 FROM o, h GROUP BY h.at) AS "lastOrderMs",
  (SELECT extract(epoch FROM max(e.finished_at) - h.at)::float8 * 1000 FROM e, h WHERE e.status = 'cancelled' GROUP BY h.at)
    AS "lastCancelledMs",
  (SELECT count(*)::int FROM e WHERE e.status IN ('pending', 'running')) AS unfinished`,
};

/** Figures of a halt drill on one pipeline, from `since` (epoch ms) on. */
export async function loadHaltFigures(
  database: Database,
  { haltId, pipelineId, since }: { readonly haltId: string; readonly pipelineId: string; readonly since: number },
): Promise<HaltFigures> {
  const [row] = await database.query<HaltFigures>(FIGURES, [haltId, pipelineId, new Date(since)]);
  if (row === undefined) throw new Error('a query without rows');
  return row;
}
