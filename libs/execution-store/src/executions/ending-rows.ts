import type { Fill, Order } from '@tripline/trading';

import type { Ending, OrderEnding } from './execution-writes';
import type { Settlement } from './settlement';

const MAX_ERROR_LENGTH = 2_000;

/** An execution to end, with its settlement when it has a fill. */
export interface EndingEntry {
  readonly ending: Ending | OrderEnding;
  readonly settlement: Settlement | null;
}

export function isOrderEnding(ending: Ending | OrderEnding): ending is OrderEnding {
  return 'order' in ending;
}

/** The JSON row of END. Absent keys are null in SQL. */
export function endingRow({ ending, settlement }: EndingEntry, ord: number): Readonly<Record<string, unknown>> {
  return {
    ord,
    id: ending.executionId,
    token: ending.leaseToken,
    status: ending.status,
    stop_reason: ending.stopReason,
    result: ending.result,
    error: ending.error?.slice(0, MAX_ERROR_LENGTH),
    cost: ending.cost,
    steps: ending.steps ?? [],
    known_intent: ending.hasIntent ?? false,
    ...(isOrderEnding(ending) ? orderColumns(ending) : {}),
    ...(settlement === null ? {} : settlementColumns(settlement)),
  };
}

function orderColumns(ending: OrderEnding): Readonly<Record<string, unknown>> {
  const { order, fill } = ending;
  return {
    pipeline: ending.pipelineId,
    checked: ending.isChecked,
    venue: ending.venue,
    fresh_until: isoOf(ending.freshUntil),
    intent: intentOf(order),
    o_ticker: order.ticker,
    o_side: order.side,
    o_type: order.type,
    o_quantity: order.quantity,
    o_reference: order.referencePrice,
    o_stop: order.stopPrice,
    o_target: order.targetPrice,
    o_status: order.status,
    o_reason: ending.orderReason,
    o_filled: order.filledQuantity,
    o_price: order.averageFillPrice,
    o_fees: order.fees,
    o_at: isoOf(order.occurredAt),
    ...(fill === null ? {} : fillColumns(fill)),
  };
}

function fillColumns(fill: Fill): Readonly<Record<string, unknown>> {
  return {
    f_sequence: fill.sequence,
    f_quantity: fill.quantity,
    f_price: fill.price,
    f_fee: fill.fee,
    f_slippage: fill.slippageCost,
    f_at: isoOf(fill.filledAt),
  };
}

function settlementColumns({ version, position, realisedPnl, cash }: Settlement): Readonly<Record<string, unknown>> {
  return {
    version,
    f_pnl: realisedPnl,
    p_quantity: position.quantity,
    p_price: position.averagePrice,
    p_pnl: position.realisedPnl,
    p_fees: position.fees,
    cash,
  };
}

/** The intent behind an order; its own fields only. */
function intentOf(order: Order): Readonly<Record<string, unknown>> {
  return {
    clientOrderId: order.clientOrderId,
    executionId: order.executionId,
    ticker: order.ticker,
    side: order.side,
    type: order.type,
    quantity: order.quantity,
    referencePrice: order.referencePrice,
    stopPrice: order.stopPrice,
    targetPrice: order.targetPrice,
    occurredAt: order.occurredAt,
  };
}

function isoOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
