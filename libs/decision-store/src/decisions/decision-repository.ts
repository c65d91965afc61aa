import type { DecisionOutcome } from '@tripline/decisions';

import type { Database } from '@tripline/database';
import {
  between,
  buildWhere,
  type Condition,
  equals,
  loadPage,
  oneOf,
  ownerCondition,
  type Page,
  type PageRequest,
  type Viewer,
} from '@tripline/paging';
import type { DecisionLogEntry } from './decision-records';

export interface DecisionFilter extends PageRequest {
  readonly pipelineId?: string | undefined;
  readonly signalId?: string | undefined;
  readonly outcomes?: readonly DecisionOutcome[] | undefined;
  /** Decided at or after, epoch ms. */
  readonly from?: number | undefined;
  /** Decided before, epoch ms. */
  readonly to?: number | undefined;
}

export interface DecisionRepository {
  /** Why pipelines did or did not fire, newest decision first. */
  list(viewer: Viewer, filter?: DecisionFilter): Promise<Page<DecisionLogEntry>>;
  /** How often each outcome occurred. */
  countByOutcome(
    viewer: Viewer,
    filter?: Omit<DecisionFilter, keyof PageRequest>,
  ): Promise<Readonly<Partial<Record<DecisionOutcome, number>>>>;
}

const SELECT = `
SELECT m.pipeline_id, m.user_id, m.pipeline_version, m.signal_id, m.signal_type, m.trigger_mode, m.ticker, m.direction,
  m.confidence, m.outcome, m.reason, m.detail, m.execution_id, m.occurred_at, m.decided_at FROM signal_matches m`;

export interface DecisionLogRow {
  readonly pipeline_id: string;
  readonly user_id: string;
  readonly pipeline_version: number;
  readonly signal_id: string;
  readonly signal_type: string | null;
  readonly trigger_mode: DecisionLogEntry['triggerMode'];
  readonly ticker: string | null;
  readonly direction: DecisionLogEntry['direction'];
  readonly confidence: number | null;
  readonly outcome: DecisionOutcome;
  readonly reason: DecisionLogEntry['reason'];
  readonly detail: DecisionLogEntry['detail'];
  readonly execution_id: string | null;
  readonly occurred_at: Date;
  readonly decided_at: Date;
}

export function createDecisionRepository(database: Database): DecisionRepository {
  return {
    list: async (viewer, filter = {}) =>
      loadPage(database, {
        request: filter,
        select: SELECT,
        timeColumn: 'm.decided_at',
        // One signal is decided for many pipelines at the same instant, so the pair is the identity.
        idColumn: "(m.signal_id::text || '/' || m.pipeline_id::text)",
        idType: 'text',
        conditions: conditionsOf(viewer, filter),
        toItem: decisionLogEntryOf,
      }),
    countByOutcome: async (viewer, filter = {}) => {
      const { where, values } = buildWhere(conditionsOf(viewer, filter));
      const rows = await database.query<{ outcome: DecisionOutcome; count: number }>(
        { text: `SELECT m.outcome, count(*) AS count FROM signal_matches m ${where} GROUP BY m.outcome` },
        values,
      );
      return Object.fromEntries(rows.map((row) => [row.outcome, row.count]));
    },
  };
}

function conditionsOf(viewer: Viewer, filter: Omit<DecisionFilter, keyof PageRequest>): readonly Condition[] {
  return [
    ...ownerCondition('m.user_id', viewer),
    ...equals('m.pipeline_id', filter.pipelineId),
    ...equals('m.signal_id', filter.signalId),
    ...oneOf('m.outcome', filter.outcomes),
    ...between('m.decided_at', filter.from, filter.to),
  ];
}

export function decisionLogEntryOf(row: DecisionLogRow): DecisionLogEntry {
  return {
    pipelineId: row.pipeline_id,
    userId: row.user_id,
    pipelineVersion: row.pipeline_version,
    signalId: row.signal_id,
    signalType: row.signal_type,
    triggerMode: row.trigger_mode,
    ticker: row.ticker,
    direction: row.direction,
    confidence: row.confidence,
    outcome: row.outcome,
    reason: row.reason,
    detail: row.detail,
    executionId: row.execution_id,
    occurredAt: row.occurred_at.getTime(),
    decidedAt: row.decided_at.getTime(),
  };
}
