import { ORDER_SIDES, ORDER_STATUSES, ORDER_TYPES } from '@tripline/trading';
import type { FillRecord, OrderRecord } from '@tripline/trading-store';
import { z } from 'zod';

import { decimalSchema, instantSchema } from '../http/schemas';

export const orderSchema = z
  .object({
    id: z.string().describe('client order id; also the idempotency key sent to the broker'),
    execution_id: z.uuid(),
    pipeline_id: z.uuid(),
    venue: z.string().describe('where the order was sent'),
    ticker: z.string(),
    side: z.enum(ORDER_SIDES),
    type: z.enum(ORDER_TYPES),
    quantity: decimalSchema,
    reference_price: decimalSchema.describe('last close when the order was planned; the fill price differs'),
    stop_price: decimalSchema.nullable(),
    target_price: decimalSchema.nullable(),
    status: z.enum(ORDER_STATUSES),
    reason: z.string().nullable(),
    filled_quantity: decimalSchema,
    average_fill_price: decimalSchema.nullable(),
    fees: decimalSchema,
    occurred_at: instantSchema.describe('event time of the trigger; paper orders fill at the open of the next bar'),
    created_at: instantSchema,
    updated_at: instantSchema,
  })
  .meta({ id: 'Order' });

export const fillSchema = z
  .object({
    id: z.string(),
    order_id: z.string(),
    ticker: z.string(),
    side: z.enum(ORDER_SIDES),
    quantity: decimalSchema,
    price: decimalSchema,
    fee: decimalSchema,
    slippage_cost: decimalSchema.describe('already included in the price'),
    realised_pnl: decimalSchema.describe('before fees'),
    filled_at: instantSchema.describe('event time'),
  })
  .meta({ id: 'Fill' });

export function orderResource(order: OrderRecord): z.output<typeof orderSchema> {
  return {
    id: order.clientOrderId,
    execution_id: order.executionId,
    pipeline_id: order.pipelineId,
    venue: order.venue,
    ticker: order.ticker,
    side: order.side,
    type: order.type,
    quantity: order.quantity,
    reference_price: order.referencePrice,
    stop_price: order.stopPrice,
    target_price: order.targetPrice,
    status: order.status,
    reason: order.reason,
    filled_quantity: order.filledQuantity,
    average_fill_price: order.averageFillPrice,
    fees: order.fees,
    occurred_at: new Date(order.occurredAt).toISOString(),
    created_at: new Date(order.createdAt).toISOString(),
    updated_at: new Date(order.updatedAt).toISOString(),
  };
}

export function fillResource(fill: FillRecord): z.output<typeof fillSchema> {
  return {
    id: fill.id,
    order_id: fill.clientOrderId,
    ticker: fill.ticker,
    side: fill.side,
    quantity: fill.quantity,
    price: fill.price,
    fee: fill.fee,
    slippage_cost: fill.slippageCost,
    realised_pnl: fill.realisedPnl,
    filled_at: new Date(fill.filledAt).toISOString(),
  };
}
