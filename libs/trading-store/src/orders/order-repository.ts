import type { OrderStatus } from '@tripline/trading';

import type { Database } from '@tripline/database';
import {
  equals,
  loadPage,
  oneOf,
  ownedBy,
  ownerCondition,
  type Page,
  type PageRequest,
  type Viewer,
} from '@tripline/paging';
import type { AccountRecord, FillRecord, OrderRecord, PositionRecord } from './order-records';
import { decimalText, fillRecordOf, orderRecordOf, positionRecordOf } from './order-rows';

export interface OrderFilter extends PageRequest {
  readonly pipelineId?: string | undefined;
  readonly statuses?: readonly OrderStatus[] | undefined;
}

export interface OrderRepository {
  list(viewer: Viewer, filter?: OrderFilter): Promise<Page<OrderRecord>>;
  find(viewer: Viewer, clientOrderId: string): Promise<(OrderRecord & { fills: readonly FillRecord[] }) | null>;
  listPositions(
    viewer: Viewer,
    filter?: { readonly pipelineId?: string | undefined },
  ): Promise<readonly PositionRecord[]>;
  findAccount(viewer: Viewer, pipelineId: string): Promise<AccountRecord | null>;
}

/** Column names as in Prisma's rows, so that one mapping serves both. */
const SELECT = `
SELECT o.client_order_id AS "clientOrderId", o.execution_id AS "executionId", o.pipeline_id AS "pipelineId",
  o.user_id AS "userId", o.ticker, o.side, o.order_type AS "orderType", o.quantity, o.reference_price AS "referencePrice",
  o.stop_price AS "stopPrice", o.target_price AS "targetPrice", o.status, o.reason, o.filled_quantity AS "filledQuantity",
  o.avg_fill_price AS "avgFillPrice", o.fees, o.occurred_at AS "occurredAt", o.venue, o.created_at AS "createdAt",
  o.updated_at AS "updatedAt" FROM orders o`;

export function createOrderRepository(database: Database): OrderRepository {
  const { prisma } = database;
  return {
    list: async (viewer, filter = {}) =>
      loadPage(database, {
        request: filter,
        select: SELECT,
        timeColumn: 'o.created_at',
        idColumn: 'o.client_order_id',
        idType: 'text',
        conditions: [
          ...ownerCondition('o.user_id', viewer),
          ...equals('o.pipeline_id', filter.pipelineId),
          ...oneOf('o.status', filter.statuses),
        ],
        toItem: orderRecordOf,
      }),
    find: async (viewer, clientOrderId) => {
      const row = await prisma.orderRow.findFirst({ where: { clientOrderId, ...ownedBy(viewer) } });
      if (row === null) return null;
      const fills = await prisma.fillRow.findMany({ where: { clientOrderId }, orderBy: { sequence: 'asc' } });
      return { ...orderRecordOf(row), fills: fills.map(fillRecordOf) };
    },
    listPositions: async (viewer, filter = {}) => {
      const rows = await prisma.positionRow.findMany({
        where: { pipelineId: filter.pipelineId, account: { pipeline: ownedBy(viewer) } },
        orderBy: [{ pipelineId: 'asc' }, { ticker: 'asc' }],
      });
      return rows.map(positionRecordOf);
    },
    findAccount: async (viewer, pipelineId) => {
      const row = await prisma.paperAccount.findFirst({ where: { pipelineId, pipeline: ownedBy(viewer) } });
      if (row === null) return null;
      return {
        pipelineId: row.pipelineId,
        initialCash: decimalText(row.initialCash),
        cash: decimalText(row.cash),
        updatedAt: row.updatedAt.getTime(),
      };
    },
  };
}
