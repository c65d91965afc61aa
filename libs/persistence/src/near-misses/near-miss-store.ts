import type { Database } from '../database/database';
import type { Statement } from '../database/queryable';
import { NEAR_MISSES_PER_PIPELINE, type NearMissRecord } from './near-miss-records';

export interface NearMissStore {
  /**
   * Puts near misses into the rings of their pipelines: into free places first, then over the oldest. One statement. A
   * signal that a ring holds is left as it is. Returns how many were written.
   */
  record(misses: readonly NearMissRecord[]): Promise<number>;
}

/**
 * $1 the near misses, oldest first; $2 places of a ring. Rows in order of the key: two writers never wait in a circle. The places are
 * taken ring by ring: joined as rows, each near miss would be compared with the places of all rings.
 */
const RECORD: Statement = {
  name: 'near-misses-record',
  text: `-- insert
WITH given AS (
  SELECT *, row_number() OVER (PARTITION BY pipeline_id ORDER BY n DESC) AS newest
  FROM jsonb_to_recordset($1::jsonb) AS g (n int, pipeline_id uuid, signal_id uuid, signal_type text, ticker text,
    reason text, detail jsonb, occurred_at timestamptz)
  WHERE NOT EXISTS (SELECT FROM near_misses m WHERE m.pipeline_id = g.pipeline_id AND m.signal_id = g.signal_id)
)
INSERT INTO near_misses AS kept (pipeline_id, slot, signal_id, signal_type, ticker, reason, detail, occurred_at, recorded_at)
SELECT ring.pipeline_id, place.slots[g.newest], g.signal_id, g.signal_type, g.ticker, g.reason, g.detail, g.occurred_at,
  statement_timestamp() + g.n * interval '1 microsecond'
FROM (SELECT pipeline_id, jsonb_agg(to_jsonb(given)) AS misses FROM given WHERE newest <= $2::int GROUP BY pipeline_id) ring
CROSS JOIN LATERAL (SELECT ARRAY(
  SELECT s.slot::smallint FROM generate_series(0, $2::int - 1) AS s (slot)
  LEFT JOIN near_misses m ON m.pipeline_id = ring.pipeline_id AND m.slot = s.slot
  ORDER BY m.recorded_at NULLS FIRST, s.slot) AS slots) place
CROSS JOIN LATERAL jsonb_to_recordset(ring.misses) AS g (n int, newest int, signal_id uuid, signal_type text, ticker text,
  reason text, detail jsonb, occurred_at timestamptz)
ORDER BY ring.pipeline_id, place.slots[g.newest]
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
