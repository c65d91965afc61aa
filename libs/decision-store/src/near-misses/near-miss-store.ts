import type { Database, Statement } from '@tripline/database';
import { NEAR_MISSES_PER_PIPELINE, type NearMissRecord } from './near-miss-records';

export interface NearMissStore {
  /**
   * Appends near misses to the ring buffers of their pipelines, overwriting the oldest. One statement. A signal that a
   * ring already holds is unchanged. Two concurrent writers may overwrite each other's entries. Returns how many were
   * written.
   */
  record(misses: readonly NearMissRecord[]): Promise<number>;
}

/**
 * $1 the near misses, oldest first; $2 slots of a ring. Rows are ordered by key, so two writers never deadlock. The
 * current slot of a ring is looked up once, for its first near miss.
 */
const RECORD: Statement = {
  name: 'near-misses-record',
  text: `-- insert
WITH given AS (
  SELECT *, row_number() OVER (PARTITION BY pipeline_id ORDER BY n DESC) AS newest
  FROM json_to_recordset($1::json) AS g (n int, pipeline_id uuid, signal_id uuid, signal_type text, ticker text,
    reason text, detail jsonb, occurred_at timestamptz)
  WHERE NOT EXISTS (SELECT FROM near_misses m WHERE m.pipeline_id = g.pipeline_id AND m.signal_id = g.signal_id)
), stepped AS (
  SELECT *, row_number() OVER (PARTITION BY pipeline_id ORDER BY n) AS step FROM given WHERE newest <= $2::int
), placed AS (
  SELECT *, max(CASE WHEN step = 1 THEN (SELECT m.slot FROM near_misses m WHERE m.pipeline_id = stepped.pipeline_id
    ORDER BY m.recorded_at DESC, m.slot DESC LIMIT 1) END) OVER (PARTITION BY pipeline_id) AS last FROM stepped
)
INSERT INTO near_misses AS kept (pipeline_id, slot, signal_id, signal_type, ticker, reason, detail, occurred_at, recorded_at)
SELECT pipeline_id, (coalesce(last, -1) + step) % $2::int AS slot, signal_id, signal_type, ticker, reason, detail, occurred_at,
  statement_timestamp() + n * interval '1 microsecond'
FROM placed ORDER BY pipeline_id, slot
ON CONFLICT (pipeline_id, slot) DO UPDATE SET signal_id = excluded.signal_id, signal_type = excluded.signal_type,
  ticker = excluded.ticker, reason = excluded.reason, detail = excluded.detail, occurred_at = excluded.occurred_at,
  recorded_at = excluded.recorded_at
RETURNING 1`,
};

export function createNearMissStore(database: Database): NearMissStore {
  return {
    async record(misses) {
      if (misses.length === 0) return 0;
      const rows = misses.map((miss, n) => ({
        n,
        pipeline_id: miss.pipelineId,
        signal_id: miss.signalId,
        signal_type: miss.signalType,
        ticker: miss.ticker,
        reason: miss.reason,
        detail: miss.detail,
        occurred_at: new Date(miss.occurredAt).toISOString(),
      }));
      return (await database.query(RECORD, [JSON.stringify(rows), NEAR_MISSES_PER_PIPELINE])).length;
    },
  };
}
