import type { DecisionOutcome, RecordedDecision, RecordedSignal } from '@tripline/decisions';

import { type Database, plainArray, textArray } from '@tripline/database';
import { SIGNAL_COLUMNS, type SignalColumns, signalOf } from '../signals/signal-rows';

/** Offsets [low, high) of a partition. */
export interface LogRange {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}

export interface SimulationStore {
  /** A signal that matched at least one pipeline; null when it is not stored or belongs to another user. */
  findSignal(id: string, userId: string): Promise<RecordedSignal | null>;
  /**
   * Stored signals on these tickers that were appended before a given stored signal, from `from` (epoch ms) on, and can
   * match the pipelines of the user: the newest `limit`.
   */
  loadSignalsBefore(
    id: string,
    before: {
      readonly userId: string;
      readonly tickers: readonly string[];
      readonly from: number;
      readonly limit: number;
    },
  ): Promise<readonly RecordedSignal[]>;
  /**
   * Decisions of a pipeline about the signals at these offsets, and about deadlines of its rule between `from` and `to`
   * (epoch ms); at most `limit`, oldest first.
   */
  loadDecisions(
    pipelineId: string,
    place: {
      readonly topic: string;
      readonly ranges: readonly LogRange[];
      readonly from: number;
      readonly to: number;
      readonly limit: number;
    },
  ): Promise<readonly RecordedDecision[]>;
  findDecision(pipelineId: string, signalId: string): Promise<RecordedDecision | null>;
  /**
   * Median time from trigger to end of the last hundred executions of the pipeline, ms; if it has none, of its owner's;
   * null: none.
   */
  medianRunMs(pipelineId: string | null, userId: string): Promise<{ ms: number; of: 'pipeline' | 'account' } | null>;
}

const SELECT_SIGNAL = `
SELECT ${SIGNAL_COLUMNS},
  coalesce(s.appended_at, s.recorded_at) AS appended_at FROM signals s`;

/** $1 signal, $2 tickers, $3 from, $4 rows, $5 user. Signals of a backlog are recorded within the hour. */
const LOAD_SIGNALS_BEFORE = `${SELECT_SIGNAL}
JOIN signals t ON t.id = $1
WHERE s.recorded_at >= $3 AND s.recorded_at < t.recorded_at + interval '1 hour'
  AND (coalesce(s.appended_at, s.recorded_at), s.part, s.off) < (coalesce(t.appended_at, t.recorded_at), t.part, t.off)
  AND (s.owner_id IS NULL OR s.owner_id = $5)
  AND EXISTS (SELECT 1 FROM jsonb_array_elements(s.tickers) e WHERE e->>'ticker' = ANY ($2::text[]))
ORDER BY coalesce(s.appended_at, s.recorded_at) DESC, s.part DESC, s.off DESC LIMIT $4`;

const SELECT_DECISION = `
SELECT m.signal_id, m.pipeline_version, m.outcome, m.reason, m.occurred_at, m.decided_at FROM signal_matches m`;

/** $1 pipeline, $2 topic, $3 partitions, $4 first offsets, $5 ends, $6 from, $7 to, $8 rows. */
const LOAD_DECISIONS = `${SELECT_DECISION}
WHERE m.pipeline_id = $1 AND m.trigger_mode = 'signal' AND m.decided_at >= $6 AND (
  (m.topic = $2 AND EXISTS (SELECT 1 FROM unnest($3::int[], $4::bigint[], $5::bigint[]) AS r (part, low, high)
    WHERE r.part = m.part AND m.off >= r.low AND m.off < r.high))
  OR (m.topic IS NULL AND m.decided_at < $7))
ORDER BY m.decided_at, m.signal_id LIMIT $8`;

/** $1 pipeline or null, $2 user or null. */
const MEDIAN_RUN = `
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS median FROM (
  SELECT extract(epoch FROM finished_at - created_at) * 1000 AS ms FROM executions
  WHERE ($1::uuid IS NULL OR pipeline_id = $1) AND ($2::uuid IS NULL OR user_id = $2)
    AND started_at IS NOT NULL AND finished_at IS NOT NULL
  ORDER BY created_at DESC LIMIT 100) AS last`;

interface SignalRow extends SignalColumns {
  readonly appended_at: Date;
}

interface DecisionRow {
  readonly signal_id: string;
  readonly pipeline_version: number;
  readonly outcome: DecisionOutcome;
  readonly reason: string;
  readonly occurred_at: Date;
  readonly decided_at: Date;
}

/** Reads the history that a simulation starts from and compares with. Read-only. */
export function createSimulationStore(database: Database): SimulationStore {
  const median = async (pipelineId: string | null, userId: string | null): Promise<number | null> => {
    const rows = await database.query<{ median: number | null }>({ text: MEDIAN_RUN }, [pipelineId, userId]);
    const found = rows[0]?.median ?? null;
    return found === null ? null : Math.round(found);
  };
  return {
    findSignal: async (id, userId) => {
      const text = `${SELECT_SIGNAL} WHERE s.id = $1 AND (s.owner_id IS NULL OR s.owner_id = $2)`;
      const rows = await database.query<SignalRow>({ text }, [id, userId]);
      return rows[0] === undefined ? null : recordedOf(rows[0]);
    },
    loadSignalsBefore: async (id, { userId, tickers, from, limit }) => {
      const values = [id, textArray(tickers), new Date(from), limit, userId];
      const rows = await database.query<SignalRow>({ text: LOAD_SIGNALS_BEFORE }, values);
      return rows.map(recordedOf).reverse();
    },
    loadDecisions: async (pipelineId, { topic, ranges, from, to, limit }) => {
      const rows = await database.query<DecisionRow>({ text: LOAD_DECISIONS }, [
        pipelineId,
        topic,
        plainArray(ranges.map(({ partition }) => partition)),
        plainArray(ranges.map(({ low }) => low)),
        plainArray(ranges.map(({ high }) => high)),
        new Date(from),
        new Date(to),
        limit,
      ]);
      return rows.map(decisionOf);
    },
    findDecision: async (pipelineId, signalId) => {
      const text = `${SELECT_DECISION} WHERE m.pipeline_id = $1 AND m.signal_id = $2`;
      const rows = await database.query<DecisionRow>({ text }, [pipelineId, signalId]);
      return rows[0] === undefined ? null : decisionOf(rows[0]);
    },
    medianRunMs: async (pipelineId, userId) => {
      const own = pipelineId === null ? null : await median(pipelineId, null);
      if (own !== null) return { ms: own, of: 'pipeline' };
      const account = await median(null, userId);
      return account === null ? null : { ms: account, of: 'account' };
    },
  };
}

function recordedOf(row: SignalRow): RecordedSignal {
  return {
    signal: signalOf(row),
    appendedAtMs: row.appended_at.getTime(),
  };
}

function decisionOf(row: DecisionRow): RecordedDecision {
  return {
    triggerId: row.signal_id,
    pipelineVersion: row.pipeline_version,
    outcome: row.outcome,
    reason: row.reason,
    occurredAt: row.occurred_at.getTime(),
    decidedAt: row.decided_at.getTime(),
  };
}
