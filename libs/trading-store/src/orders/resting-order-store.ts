import {
  applyFill,
  applyFillToCash,
  applyFillToOrder,
  type Fill,
  flatPosition,
  type Order,
  ORDER_LIFECYCLE,
  type Position,
} from '@tripline/trading';

import { type Database, type Queryable, sqlList, type Statement } from '@tripline/database';
import type { OrderRecord } from './order-records';
import { type AnyOrderRow, decimalText, fillId, orderRecordOf } from './order-rows';

export interface RestingOrderStore {
  /** Accepted orders that are not filled yet, sorted by id, starting after `after`. */
  loadRestingOrders(limit: number, after?: string | null): Promise<readonly OrderRecord[]>;
  /** Books the fill of a resting order on its account; false when it no longer rests or already has this fill. */
  fillRestingOrder(fill: Fill): Promise<boolean>;
  /** Its broker will not fill it. */
  rejectRestingOrder(clientOrderId: string, reason: string): Promise<void>;
}

/** Locks the account first, then the order, as the submit statement does. $1 order. */
const LOCK_ACCOUNT: Statement = {
  name: 'resting-lock-account',
  text: `SELECT a.pipeline_id, a.cash FROM paper_accounts a
WHERE a.pipeline_id = (SELECT pipeline_id FROM orders WHERE client_order_id = $1) FOR NO KEY UPDATE`,
};

/** $1 order, $2 ticker. */
const READ_ORDER: Statement = {
  name: 'resting-read-order',
  text: `SELECT o.client_order_id, o.execution_id, o.ticker, o.side, o.order_type, o.quantity, o.reference_price, o.stop_price,
  o.target_price, o.occurred_at, o.status, o.filled_quantity, o.avg_fill_price, o.fees AS order_fees,
  p.qty, p.avg_price, p.realised_pnl, p.fees
FROM orders o LEFT JOIN positions p ON p.pipeline_id = o.pipeline_id AND p.ticker = $2
WHERE o.client_order_id = $1 AND o.status IN (${sqlList(ORDER_LIFECYCLE.open)}) FOR NO KEY UPDATE OF o`,
};

/**
 * $1 pipeline, $2 cash, $3 order, $4 fill, $5 position; 3 to 5 as JSON. Changes nothing when the fill already exists.
 */
const BOOK_FILL: Statement = {
  name: 'resting-book-fill',
  text: `-- update
WITH new_fill AS (
  INSERT INTO fills (id, client_order_id, sequence, pipeline_id, ticker, side, quantity, price, fee, slippage_cost,
    realised_pnl, filled_at)
  SELECT f.id, f."clientOrderId", f.sequence, $1, f.ticker, f.side, f.quantity, f.price, f.fee, f."slippageCost",
    f."realisedPnl", f."filledAt"
  FROM json_to_record($4::json) AS f (id text, "clientOrderId" text, sequence int, ticker text, side text,
    quantity numeric, price numeric, fee numeric, "slippageCost" numeric, "realisedPnl" numeric, "filledAt" timestamptz)
  ON CONFLICT DO NOTHING RETURNING id
), booked_order AS (
  UPDATE orders o SET status = n.status, filled_quantity = n."filledQuantity", avg_fill_price = n."averageFillPrice",
    fees = n.fees, updated_at = now()
  FROM new_fill, json_to_record($3::json) AS n ("clientOrderId" text, status text, "filledQuantity" numeric,
    "averageFillPrice" numeric, fees numeric)
  WHERE o.client_order_id = n."clientOrderId"
), booked_position AS (
  INSERT INTO positions (pipeline_id, ticker, qty, avg_price, realised_pnl, fees)
  SELECT $1, p.ticker, p.quantity, p."averagePrice", p."realisedPnl", p.fees
  FROM new_fill, json_to_record($5::json) AS p (ticker text, quantity numeric, "averagePrice" numeric,
    "realisedPnl" numeric, fees numeric)
  ON CONFLICT (pipeline_id, ticker) DO UPDATE SET qty = excluded.qty, avg_price = excluded.avg_price,
    realised_pnl = excluded.realised_pnl, fees = excluded.fees, updated_at = now()
), booked_cash AS (
  UPDATE paper_accounts a SET cash = $2::numeric, version = a.version + 1, updated_at = now()
  FROM new_fill WHERE a.pipeline_id = $1
)
SELECT id FROM new_fill`,
};

/** $1 order, $2 reason. */
const REJECT: Statement = {
  name: 'resting-reject',
  text: `UPDATE orders SET status = 'rejected', reason = $2, updated_at = now()
WHERE client_order_id = $1 AND status IN (${sqlList(ORDER_LIFECYCLE.allowing('reject'))})`,
};

interface RestingRow {
  readonly client_order_id: string;
  readonly execution_id: string;
  readonly ticker: string;
  readonly side: Order['side'];
  readonly order_type: Order['type'];
  readonly quantity: string;
  readonly reference_price: string;
  readonly stop_price: string | null;
  readonly target_price: string | null;
  readonly occurred_at: Date;
  readonly status: Order['status'];
  readonly filled_quantity: string;
  readonly avg_fill_price: string | null;
  readonly order_fees: string;
  /** The position's columns are null when there is none yet. */
  readonly qty: string | null;
  readonly avg_price: string;
  readonly realised_pnl: string;
  readonly fees: string;
}

export function createRestingOrderStore(database: Database): RestingOrderStore {
  return {
    loadRestingOrders: async (limit, after = null) => {
      const rows: readonly AnyOrderRow[] = await database.prisma.orderRow.findMany({
        where: {
          status: { in: [...ORDER_LIFECYCLE.open] },
          ...(after === null ? {} : { clientOrderId: { gt: after } }),
        },
        orderBy: { clientOrderId: 'asc' },
        take: limit,
      });
      return rows.map(orderRecordOf);
    },
    fillRestingOrder: async (fill) => database.withTransaction(async (transaction) => bookFill(transaction, fill)),
    rejectRestingOrder: async (clientOrderId, reason) => {
      await database.retry(async () => database.query(REJECT, [clientOrderId, reason]));
    },
  };
}

async function bookFill(transaction: Queryable, fill: Fill): Promise<boolean> {
  const accounts = await transaction.query<{ pipeline_id: string; cash: string }>(LOCK_ACCOUNT, [fill.clientOrderId]);
  const rows = await transaction.query<RestingRow>(READ_ORDER, [fill.clientOrderId, fill.ticker]);
  const account = accounts[0];
  const row = rows[0];
  if (account === undefined || row === undefined) return false;
  const order = applyFillToOrder(orderOf(row), fill);
  const { position, realisedPnl } = applyFill(heldPosition(row), fill);
  const booked = await transaction.query(BOOK_FILL, [
    account.pipeline_id,
    applyFillToCash(account.cash, fill),
    JSON.stringify(order),
    JSON.stringify({ ...fill, id: fillId(fill), filledAt: new Date(fill.filledAt), realisedPnl }),
    JSON.stringify(position),
  ]);
  return booked.length > 0;
}

function orderOf(row: RestingRow): Order {
  return {
    clientOrderId: row.client_order_id,
    executionId: row.execution_id,
    ticker: row.ticker,
    side: row.side,
    type: row.order_type,
    quantity: row.quantity,
    referencePrice: row.reference_price,
    stopPrice: row.stop_price,
    targetPrice: row.target_price,
    occurredAt: row.occurred_at.getTime(),
    status: row.status,
    filledQuantity: row.filled_quantity,
    averageFillPrice: row.avg_fill_price,
    fees: row.order_fees,
  };
}

function heldPosition(row: RestingRow): Position {
  if (row.qty === null) return flatPosition(row.ticker);
  return {
    ticker: row.ticker,
    quantity: decimalText(row.qty),
    averagePrice: decimalText(row.avg_price),
    realisedPnl: decimalText(row.realised_pnl),
    fees: decimalText(row.fees),
  };
}
