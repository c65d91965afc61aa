import type { ExecutionStatus } from '@tripline/triggers';

import type { Database } from '@tripline/database';
import {
  between,
  equals,
  loadPage,
  oneOf,
  ownerCondition,
  ownerOf,
  type Page,
  type PageRequest,
  type Viewer,
} from '@tripline/paging';
import { type FillRecord, fillRecordOf, type OrderRecord, orderRecordOf } from '@tripline/trading-store';
import type { ExecutionRecord, IntentRecord, StepRecord } from './execution-records';
import { STEP_JSON } from './run-sql';

export interface ExecutionFilter extends PageRequest {
  readonly pipelineId?: string | undefined;
  readonly statuses?: readonly ExecutionStatus[] | undefined;
  /** Created at or after, epoch ms. */
  readonly from?: number | undefined;
  /** Created before, epoch ms. */
  readonly to?: number | undefined;
}

export interface ExecutionDetail extends ExecutionRecord {
  readonly steps: readonly StepRecord[];
  readonly intents: readonly IntentRecord[];
  readonly orders: readonly OrderRecord[];
  readonly fills: readonly FillRecord[];
}

export interface ExecutionRepository {
  list(viewer: Viewer, filter?: ExecutionFilter): Promise<Page<ExecutionRecord>>;
  find(viewer: Viewer, executionId: string): Promise<ExecutionDetail | null>;
}

const SELECT = `
SELECT e.id, e.user_id, e.pipeline_id, e.pipeline_version, p.name AS pipeline_name, e.trigger_mode, e.signal_id,
  e.signal_type, e.ticker, e.direction, e.status, e.attempt, e.occurred_at, e.created_at, e.started_at, e.finished_at,
  trim_scale(e.cost)::text AS cost, e.stop_reason, e.result, e.error, e.traceparent FROM executions e
JOIN pipelines p ON p.id = e.pipeline_id`;

const SELECT_ONE = `
SELECT x.*, (SELECT coalesce(json_agg(${STEP_JSON} ORDER BY s.step_no), '[]') FROM execution_steps s WHERE s.execution_id = x.id)
    AS steps,
  (SELECT coalesce(json_agg(json_build_object('intent', i.params, 'state', i.state) ORDER BY i.client_order_id), '[]')
    FROM order_intents i WHERE i.execution_id = x.id) AS intents
FROM (${SELECT} WHERE e.id = $1 AND ($2::uuid IS NULL OR e.user_id = $2)) x`;

interface ExecutionRow {
  readonly id: string;
  readonly user_id: string;
  readonly pipeline_id: string;
  readonly pipeline_version: number;
  readonly pipeline_name: string;
  readonly trigger_mode: ExecutionRecord['triggerMode'];
  readonly signal_id: string;
  readonly signal_type: string | null;
  readonly ticker: string | null;
  readonly direction: ExecutionRecord['direction'];
  readonly status: ExecutionStatus;
  readonly attempt: number;
  readonly occurred_at: Date;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly cost: string;
  readonly stop_reason: string | null;
  readonly result: unknown;
  readonly error: string | null;
  readonly traceparent: string | null;
}

interface DetailRow extends ExecutionRow {
  readonly steps: readonly StepRecord[];
  readonly intents: readonly IntentRecord[];
}

export function createExecutionRepository(database: Database): ExecutionRepository {
  return {
    list: async (viewer, filter = {}) =>
      loadPage(database, {
        request: filter,
        select: SELECT,
        timeColumn: 'e.created_at',
        idColumn: 'e.id',
        idType: 'uuid',
        conditions: [
          ...ownerCondition('e.user_id', viewer),
          ...equals('e.pipeline_id', filter.pipelineId),
          ...oneOf('e.status', filter.statuses),
          ...between('e.created_at', filter.from, filter.to),
        ],
        toItem: executionOf,
      }),
    find: async (viewer, executionId) => {
      const rows = await database.query<DetailRow>({ text: SELECT_ONE }, [executionId, ownerOf(viewer)]);
      const row = rows[0];
      if (row === undefined) return null;
      const orders = await database.prisma.orderRow.findMany({
        where: { executionId },
        orderBy: { clientOrderId: 'asc' },
      });
      const fills = await database.prisma.fillRow.findMany({
        where: { clientOrderId: { in: orders.map((order) => order.clientOrderId) } },
        orderBy: [{ clientOrderId: 'asc' }, { sequence: 'asc' }],
      });
      return {
        ...executionOf(row),
        steps: row.steps,
        intents: row.intents,
        orders: orders.map(orderRecordOf),
        fills: fills.map(fillRecordOf),
      };
    },
  };
}

function executionOf(row: ExecutionRow): ExecutionRecord {
  return {
    executionId: row.id,
    userId: row.user_id,
    pipelineId: row.pipeline_id,
    pipelineVersion: row.pipeline_version,
    pipelineName: row.pipeline_name,
    triggerMode: row.trigger_mode,
    signalId: row.signal_id,
    signalType: row.signal_type,
    ticker: row.ticker,
    direction: row.direction,
    status: row.status,
    attempt: row.attempt,
    occurredAt: row.occurred_at.getTime(),
    createdAt: row.created_at.getTime(),
    startedAt: row.started_at?.getTime() ?? null,
    finishedAt: row.finished_at?.getTime() ?? null,
    cost: row.cost,
    stopReason: row.stop_reason,
    result: row.result,
    error: row.error,
    traceparent: row.traceparent,
  };
}
