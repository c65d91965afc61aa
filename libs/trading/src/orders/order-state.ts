import { AVERAGE_PRICE_DECIMALS, toDecimal, toDecimalString } from '../money/decimal';
import type { Fill, Order, OrderIntent } from './order';

/** The order as the paper broker takes it: accepted, nothing filled. */
export function acceptOrder(intent: OrderIntent): Order {
  return { ...intent, status: 'accepted', filledQuantity: '0', averageFillPrice: null, fees: '0' };
}

/**
 * The order after one of its fills.
 * @throws RangeError when the order is final, the fill belongs to another order or exceeds what is left.
 */
export function applyFillToOrder(order: Order, fill: Fill): Order {
  if (fill.clientOrderId !== order.clientOrderId) {
    throw new RangeError(`fill of ${fill.clientOrderId} does not belong to order ${order.clientOrderId}`);
  }
  if (order.status !== 'accepted' && order.status !== 'partially_filled') {
    throw new RangeError(`order ${order.clientOrderId} is ${order.status}: final statuses never change`);
  }
  const before = toDecimal(order.filledQuantity);
  const filled = before.plus(fill.quantity);
  if (filled.gt(order.quantity))
    throw new RangeError(`order ${order.clientOrderId} would be filled beyond its quantity`);
  const value = before.times(order.averageFillPrice ?? 0).plus(toDecimal(fill.quantity).times(fill.price));
  return {
    ...order,
    status: filled.eq(order.quantity) ? 'filled' : 'partially_filled',
    filledQuantity: toDecimalString(filled),
    averageFillPrice: toDecimalString(value.div(filled), AVERAGE_PRICE_DECIMALS),
    fees: toDecimalString(toDecimal(order.fees).plus(fill.fee)),
  };
}
