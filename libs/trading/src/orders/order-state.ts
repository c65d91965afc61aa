import { Money, Price, Quantity } from '../money/amount';
import { AVERAGE_PRICE_DECIMALS } from '../money/decimal';
import type { Fill, Order, OrderIntent } from './order';
import { ORDER_LIFECYCLE, type OrderEvent, type OrderStatus } from './order-lifecycle';

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
  if (!ORDER_LIFECYCLE.isOpen(order.status)) throw statusError(order, 'fill');
  const before = Quantity.of(order.filledQuantity);
  const size = Quantity.size(fill.quantity);
  const ordered = Quantity.of(order.quantity);
  const filled = before.plus(size);
  if (filled.gt(ordered)) throw new RangeError(`order ${order.clientOrderId} would be filled beyond its quantity`);
  const value = Price.of(order.averageFillPrice ?? 0)
    .times(before)
    .plus(Price.of(fill.price).times(size));
  return {
    ...order,
    status: statusAfter(order, filled.eq(ordered) ? 'fill_rest' : 'fill_part'),
    filledQuantity: filled.toString(),
    averageFillPrice: value.per(filled).toString(AVERAGE_PRICE_DECIMALS),
    fees: Money.of(order.fees).plus(Money.of(fill.fee)).toString(),
  };
}

/**
 * The order after an end other than its last fill.
 * @throws RangeError when its status does not allow the event.
 */
export function endOrder(order: Order, event: Exclude<OrderEvent, 'fill_part' | 'fill_rest'>): Order {
  return { ...order, status: statusAfter(order, event) };
}

function statusAfter(order: Order, event: OrderEvent): OrderStatus {
  const next = ORDER_LIFECYCLE.after(order.status, event);
  if (next === null) throw statusError(order, event);
  return next;
}

function statusError(order: Order, event: OrderEvent | 'fill'): RangeError {
  return new RangeError(`order ${order.clientOrderId} is ${order.status} and does not allow ${event}`);
}
