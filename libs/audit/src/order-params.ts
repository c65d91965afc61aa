import type { OrderIntent } from '@tripline/trading';

/** What two orders must agree in to be the same order, as one text. */
export function orderParams(order: OrderIntent): string {
  const { ticker, side, type, quantity, referencePrice, stopPrice, targetPrice } = order;
  return [ticker, side, type, quantity, referencePrice, stopPrice ?? '-', targetPrice ?? '-'].join('|');
}
