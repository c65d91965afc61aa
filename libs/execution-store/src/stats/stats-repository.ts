import type { DecisionOutcome } from '@tripline/decisions';
import { EXECUTION_STATUSES, type ExecutionStatus } from '@tripline/triggers';

import type { Database, Statement } from '@tripline/database';

/** The `system_*` gauges. */
export interface SystemStats {
  readonly activePipelines: number;
  readonly totalPipelines: number;
  readonly signalPipelines: number;
  readonly periodicPipelines: number;
  readonly activeUsers: number;
  readonly totalUsers: number;
  readonly executionsToday: number;
  readonly executionsRunning: number;
  readonly executionsPending: number;
  /** completed / (completed + failed + timed_out) of the last 24 hours, percent; 100 when there was none. */
  readonly successRate24hPercent: number;
}

/** The figures of `/api/health`. */
export interface ExecutionTotals {
  readonly total: number;
  readonly byStatus: Readonly<Record<ExecutionStatus, number>>;
}

/** Totals of all tables; the summary of a demo. */
export interface RunTotals {
  readonly executions: ExecutionTotals;
  readonly decisionsByOutcome: Readonly<Partial<Record<DecisionOutcome, number>>>;
  readonly signalsByType: Readonly<Record<string, number>>;
  readonly orders: number;
  readonly ordersByStatus: Readonly<Record<string, number>>;
  readonly realisedPnl: string;
  readonly fees: string;
}

export interface StatsRepository {
  loadSystemStats(): Promise<SystemStats>;
  loadExecutionTotals(): Promise<ExecutionTotals>;
  loadRunTotals(): Promise<RunTotals>;
}

const SYSTEM_STATS: Statement = {
  text: `
SELECT p.*, u.*, e.*,
  CASE WHEN e."ended24h" = 0 THEN 100 ELSE 100.0::float8 * e."completed24h" / e."ended24h" END AS "successRate24hPercent"
FROM (SELECT count(*) AS "totalPipelines", count(*) FILTER (WHERE is_active) AS "activePipelines",
    count(*) FILTER (WHERE is_active AND trigger_mode = 'signal') AS "signalPipelines",
    count(*) FILTER (WHERE is_active AND trigger_mode = 'periodic') AS "periodicPipelines"
  FROM pipelines WHERE deleted_at IS NULL) p,
 (SELECT count(*) AS "totalUsers", count(*) FILTER (WHERE is_active) AS "activeUsers" FROM users) u,
 (SELECT count(*) FILTER (WHERE created_at >= date_trunc('day', now(), 'UTC')) AS "executionsToday",
    count(*) FILTER (WHERE status = 'running') AS "executionsRunning",
    count(*) FILTER (WHERE status = 'pending') AS "executionsPending",
    count(*) FILTER (WHERE status = 'completed' AND finished_at >= now() - interval '24 hours') AS "completed24h",
    count(*) FILTER (WHERE status IN ('completed', 'failed', 'timed_out')
      AND finished_at >= now() - interval '24 hours') AS "ended24h"
  FROM executions WHERE created_at >= now() - interval '48 hours' OR status IN ('pending', 'running')) e`,
};

const EXECUTION_TOTALS: Statement = { text: 'SELECT status, count(*) AS count FROM executions GROUP BY status' };

const RUN_TOTALS: Statement = {
  text: `
SELECT (SELECT coalesce(json_object_agg(outcome, n), '{}') FROM
    (SELECT outcome, count(*) AS n FROM signal_matches GROUP BY outcome) x) AS decisions,
  (SELECT coalesce(json_object_agg(signal_type, n), '{}') FROM
    (SELECT signal_type, count(*) AS n FROM signals GROUP BY signal_type) x) AS signals,
  (SELECT coalesce(json_object_agg(status, n), '{}') FROM
    (SELECT status, count(*) AS n FROM orders GROUP BY status) x) AS orders,
  (SELECT trim_scale(coalesce(sum(realised_pnl), 0))::text FROM positions) AS realised_pnl,
  (SELECT trim_scale(coalesce(sum(fees), 0))::text FROM positions) AS fees`,
};

interface RunTotalsRow {
  readonly decisions: RunTotals['decisionsByOutcome'];
  readonly signals: RunTotals['signalsByType'];
  readonly orders: RunTotals['ordersByStatus'];
  readonly realised_pnl: string;
  readonly fees: string;
}

/** These figures scan whole tables. Cache them for seconds, as the API does, instead of querying on every scrape. */
export function createStatsRepository(database: Database): StatsRepository {
  const loadExecutionTotals = async (): Promise<ExecutionTotals> => {
    const rows = await database.query<{ status: ExecutionStatus; count: number }>(EXECUTION_TOTALS);
    const counts = new Map(rows.map((row) => [row.status, row.count]));
    const byStatus = Object.fromEntries(EXECUTION_STATUSES.map((status) => [status, counts.get(status) ?? 0]));
    return {
      total: rows.reduce((sum, row) => sum + row.count, 0),
      byStatus: byStatus as ExecutionTotals['byStatus'],
    };
  };
  return {
    loadExecutionTotals,
    loadSystemStats: async () => {
      const rows = await database.query<SystemStats & { ended24h: number; completed24h: number }>(SYSTEM_STATS);
      if (rows[0] === undefined) throw new Error('an aggregate query always has a row');
      const { ended24h: _ended, completed24h: _completed, ...stats } = rows[0];
      return stats;
    },
    loadRunTotals: async () => {
      const executions = await loadExecutionTotals();
      const rows = await database.query<RunTotalsRow>(RUN_TOTALS);
      if (rows[0] === undefined) throw new Error('an aggregate query always has a row');
      const { decisions, signals, orders, realised_pnl: realisedPnl, fees } = rows[0];
      return {
        executions,
        decisionsByOutcome: decisions,
        signalsByType: signals,
        orders: Object.values(orders).reduce((sum, count) => sum + count, 0),
        ordersByStatus: orders,
        realisedPnl,
        fees,
      };
    },
  };
}
