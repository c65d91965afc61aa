import { type DecimalString, type Fill, type Position, toDecimal, toDecimalString } from '@tripline/trading';

import type { FillRow, OrderRow, PositionRow } from '@tripline/database';
import type { FillRecord, OrderRecord, PositionRecord } from './order-records';

/** The same fill always has the same id, so it cannot be booked twice. */
export function fillId(fill: Pick<Fill, 'clientOrderId' | 'sequence'>): string {
  return `${fill.clientOrderId}-f${fill.sequence}`;
}

/** A numeric from Prisma or pg, as plain decimal text. */
export function decimalText(value: Numeric): DecimalString {
  return toDecimalString(toDecimal(typeof value === 'string' ? value : value.toFixed()));
}

/** Like `decimalText`; null stays null. */
function optionalDecimalText(value: Numeric | null): DecimalString | null {
  return value === null ? null : decimalText(value);
}

/** A numeric column: Prisma's decimal, or pg's text. */
type Numeric = { toFixed(): string } | string;

/** An order row of Prisma or of SQL with the same names. */
export type AnyOrderRow = Omit<OrderRow, NumericColumn | 'traceparent'> &
  Record<Exclude<NumericColumn, OptionalColumn>, Numeric> &
  Record<OptionalColumn, Numeric | null>;
type OptionalColumn = 'stopPrice' | 'targetPrice' | 'avgFillPrice';
type NumericColumn = OptionalColumn | 'quantity' | 'referencePrice' | 'filledQuantity' | 'fees';

export function orderRecordOf(row: AnyOrderRow): OrderRecord {
  return {
    clientOrderId: row.clientOrderId,
    executionId: row.executionId,
    pipelineId: row.pipelineId,
    userId: row.userId,
    ticker: row.ticker,
    side: row.side as OrderRecord['side'],
    type: row.orderType as OrderRecord['type'],
    quantity: decimalText(row.quantity),
    referencePrice: decimalText(row.referencePrice),
    stopPrice: optionalDecimalText(row.stopPrice),
    targetPrice: optionalDecimalText(row.targetPrice),
    status: row.status as OrderRecord['status'],
    venue: row.venue,
    reason: row.reason,
    filledQuantity: decimalText(row.filledQuantity),
    averageFillPrice: optionalDecimalText(row.avgFillPrice),
    fees: decimalText(row.fees),
    occurredAt: row.occurredAt.getTime(),
    createdAt: row.createdAt.getTime(),
    updatedAt: row.updatedAt.getTime(),
  };
}

export function fillRecordOf(row: FillRow): FillRecord {
  return {
    id: row.id,
    clientOrderId: row.clientOrderId,
    sequence: row.sequence,
    ticker: row.ticker,
    side: row.side as FillRecord['side'],
    quantity: decimalText(row.quantity),
    price: decimalText(row.price),
    fee: decimalText(row.fee),
    slippageCost: decimalText(row.slippageCost),
    realisedPnl: decimalText(row.realisedPnl),
    filledAt: row.filledAt.getTime(),
  };
}

function positionOf(row: PositionRow): Position {
  return {
    ticker: row.ticker,
    quantity: decimalText(row.qty),
    averagePrice: decimalText(row.avgPrice),
    realisedPnl: decimalText(row.realisedPnl),
    fees: decimalText(row.fees),
  };
}

export function positionRecordOf(row: PositionRow): PositionRecord {
  return { ...positionOf(row), pipelineId: row.pipelineId, updatedAt: row.updatedAt.getTime() };
}
