import type { OrderIntent } from '@tripline/trading';

/** The fields that identify an order, as one text. */
export function orderParams(order: OrderIntent): string {
  const { ticker, side, type, quantity, referencePrice, stopPrice, targetPrice } = order;
  return [ticker, side, type, quantity, referencePrice, stopPrice ?? '-', targetPrice ?? '-'].join('|');
}
