import type { NearMissReason } from '@tripline/matching';

import type { Database } from '@tripline/database';
import { type DecisionLogRow, decisionLogEntryOf } from '../decisions/decision-repository';
import { encodeCursor, limitOf, ownerOf, type Page, type PageRequest, readCursor, type Viewer } from '@tripline/paging';
import type { NearMissDetail, WhyEntry } from './near-miss-records';

export interface WhyFilter extends PageRequest {
  /** Decided or recorded at or after, epoch ms. */
  readonly from?: number | undefined;
  /** Decided or recorded before, epoch ms. */
  readonly to?: number | undefined;
}

export interface WhyRepository {
  /** Decisions about a pipeline and its near misses, newest first. Empty when the viewer does not own it. */
  explain(viewer: Viewer, pipelineId: string, filter?: WhyFilter): Promise<Page<WhyEntry>>;
}

/**
 * $1 pipeline, $2 owner or null, $3 from, $4 to, $5 and $6 time and signal of the last row of the previous page, $7
 * rows. Each half is cut to a page before the two are merged, so the cost does not depend on the length of the decision
 * log.
 */
const EXPLAIN = `SELECT w.*, w.at::text AS cursor_time, w.signal_id::text AS cursor_id FROM (
  (SELECT 'decision' AS kind, m.decided_at AS at, m.pipeline_id, m.user_id, m.pipeline_version, m.signal_id,
    m.signal_type, m.trigger_mode, m.ticker, m.direction, m.confidence, m.outcome, m.reason, m.detail, m.execution_id,
    m.occurred_at, m.decided_at
  FROM signal_matches m
  WHERE m.pipeline_id = $1 AND ($2::uuid IS NULL OR m.user_id = $2)
    AND ($3::timestamptz IS NULL OR m.decided_at >= $3) AND ($4::timestamptz IS NULL OR m.decided_at < $4)
    AND ($5::timestamptz IS NULL OR (m.decided_at, m.signal_id) < ($5, $6::uuid))
  ORDER BY m.decided_at DESC, m.signal_id DESC LIMIT $7)
  UNION ALL
  (SELECT 'near_miss', n.recorded_at, n.pipeline_id, p.user_id, NULL, n.signal_id, n.signal_type, NULL, n.ticker, NULL,
    NULL, NULL, n.reason, n.detail, NULL, n.occurred_at, n.recorded_at
  FROM near_misses n JOIN pipelines p ON p.id = n.pipeline_id
  WHERE n.pipeline_id = $1 AND ($2::uuid IS NULL OR p.user_id = $2)
    AND ($3::timestamptz IS NULL OR n.recorded_at >= $3) AND ($4::timestamptz IS NULL OR n.recorded_at < $4)
    AND ($5::timestamptz IS NULL OR (n.recorded_at, n.signal_id) < ($5, $6::uuid))
  ORDER BY n.recorded_at DESC, n.signal_id DESC LIMIT $7)
) w ORDER BY w.at DESC, w.signal_id DESC LIMIT $7`;

interface WhyColumns {
  readonly at: Date;
  readonly cursor_time: string;
  readonly cursor_id: string;
}

interface DecisionRow extends DecisionLogRow, WhyColumns {
  readonly kind: 'decision';
}

interface NearMissRow extends WhyColumns {
  readonly kind: 'near_miss';
  readonly pipeline_id: string;
  readonly signal_id: string;
  readonly signal_type: string;
  readonly ticker: string;
  readonly reason: NearMissReason;
  readonly detail: NearMissDetail;
  readonly occurred_at: Date;
}

type WhyRow = DecisionRow | NearMissRow;

export function createWhyRepository(database: Database): WhyRepository {
  return {
    async explain(viewer, pipelineId, filter = {}) {
      const limit = limitOf(filter);
      const after = readCursor(filter.cursor, 'uuid');
      const rows = await database.query<WhyRow>({ text: EXPLAIN }, [
        pipelineId,
        ownerOf(viewer),
        instant(filter.from),
        instant(filter.to),
        after?.time ?? null,
        after?.id ?? null,
        limit + 1,
      ]);
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const nextCursor = rows.length > limit && last !== undefined ? encodeCursor(last) : null;
      return { items: page.map(whyEntryOf), nextCursor };
    },
  };
}

function instant(ms: number | undefined): Date | null {
  return ms === undefined ? null : new Date(ms);
}

function whyEntryOf(row: WhyRow): WhyEntry {
  const at = row.at.getTime();
  if (row.kind === 'decision') return { kind: 'decision', at, ...decisionLogEntryOf(row) };
  return {
    ...{ kind: 'near_miss', at, pipelineId: row.pipeline_id, signalId: row.signal_id },
    signalType: row.signal_type,
    ticker: row.ticker,
    reason: row.reason,
    detail: row.detail,
    occurredAt: row.occurred_at.getTime(),
  };
}
