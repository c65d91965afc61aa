import type { Database, Statement } from '@tripline/database';

/** What one call deleted. */
export interface PurgeResult {
  readonly signals: number;
  readonly decisions: number;
  readonly deadSignals: number;
  /** A batch was full: call again. */
  readonly hasMore: boolean;
}

export interface DecisionLogRetention {
  /**
   * Deletes at most `batchSize` signals with their rows of the decision log, and as many rows of other triggers and
   * dead signals, that are older than `olderThanMs` by PostgreSQL's clock. Executions and orders stay, and so does
   * everything an unfinished execution still needs. Any number of callers may run it at once.
   */
  purge(options: { readonly olderThanMs: number; readonly batchSize: number }): Promise<PurgeResult>;
}

const CUTOFF = `clock_timestamp() - $1::float8 * interval '1 millisecond'`;

/** $1 age in ms, $2 rows. */
const PURGE_SIGNALS: Statement = {
  name: 'ledger-purge-signals',
  text: `-- delete
WITH old AS (
  SELECT s.id FROM signals s
  WHERE s.recorded_at < ${CUTOFF} AND NOT EXISTS (SELECT FROM signal_matches m JOIN executions e ON e.id = m.execution_id
    WHERE m.signal_id = s.id AND e.status IN ('pending', 'running'))
  ORDER BY s.recorded_at LIMIT $2 FOR UPDATE OF s SKIP LOCKED
), lines AS (
  DELETE FROM signal_matches m USING old WHERE m.signal_id = old.id RETURNING 1
), gone AS (
  DELETE FROM signals s USING old WHERE s.id = old.id RETURNING 1
)
SELECT (SELECT count(*) FROM gone) AS signals, (SELECT count(*) FROM lines) AS decisions`,
};

/** $1 age in ms, $2 rows. */
const PURGE_DIRECT: Statement = {
  name: 'ledger-purge-direct',
  text: `
DELETE FROM signal_matches m USING (
  SELECT signal_id, pipeline_id FROM signal_matches WHERE topic IS NULL AND decided_at < ${CUTOFF}
  ORDER BY decided_at LIMIT $2 FOR UPDATE SKIP LOCKED
) old WHERE m.signal_id = old.signal_id AND m.pipeline_id = old.pipeline_id`,
};

/** $1 age in ms, $2 rows. */
const PURGE_DEAD: Statement = {
  name: 'ledger-purge-dead',
  text: `
DELETE FROM dead_signals d USING (
  SELECT topic, part, epoch, off FROM dead_signals WHERE recorded_at < ${CUTOFF}
  ORDER BY recorded_at LIMIT $2 FOR UPDATE SKIP LOCKED
) old WHERE d.topic = old.topic AND d.part = old.part AND d.epoch = old.epoch AND d.off = old.off`,
};

export function createDecisionLogRetention(database: Database): DecisionLogRetention {
  return {
    purge: async ({ olderThanMs, batchSize }) => {
      const values = [olderThanMs, batchSize];
      // Not retried: the next call finds what this one missed.
      const [old] = await database.query<{ signals: number; decisions: number }>(PURGE_SIGNALS, values);
      const direct = await database.execute(PURGE_DIRECT, values);
      const deadSignals = await database.execute(PURGE_DEAD, values);
      const signals = old?.signals ?? 0;
      return {
        signals,
        decisions: (old?.decisions ?? 0) + direct,
        deadSignals,
        hasMore: Math.max(signals, direct, deadSignals) >= batchSize,
      };
    },
  };
}
