import type { DecisionOutcome, ExecutionStatus } from '@tripline/domain';

import type { Database } from '../database/database';

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

/** What a whole run left behind; the summary of a demo. */
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

export declare function createStatsRepository(database: Database): StatsRepository;
