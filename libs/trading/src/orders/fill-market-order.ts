import type { Bar } from '@tripline/market';
import { Money, Price, Quantity } from '../money/amount';
import { CASH_DECIMALS, type DecimalString, PRICE_DECIMALS } from '../money/decimal';
import type { FeeModel, Fill, Order } from './order';
import { ORDER_LIFECYCLE } from './order-lifecycle';

const BPS = 10_000;

/**
 * Fills the whole rest of a MARKET order at the open of the first bar after the order's own, never on the bar it was
 * decided on (no look-ahead). Half the spread and the slippage move the price against us. Bar volume does not limit the
 * fill: many histories give none. Null when the bar has no usable open; the order then rests.
 *
 * @param sequence number of this fill within the order, from 1
 * @throws RangeError when the order is not open, has nothing left, or the bar is not after it.
 */
export function fillMarketOrder(order: Order, nextBar: Bar, model: FeeModel, sequence = 1): Fill | null {
  if (!ORDER_LIFECYCLE.isOpen(order.status)) {
    throw new RangeError(`order ${order.clientOrderId} is ${order.status} and cannot be filled`);
  }
  const quantity = Quantity.of(order.quantity).minus(Quantity.of(order.filledQuantity));
  if (!quantity.isPositive()) throw new RangeError(`order ${order.clientOrderId} has no quantity left to fill`);
  if (nextBar.start < order.occurredAt) {
    throw new RangeError(`order ${order.clientOrderId} cannot fill on a bar that began before it`);
  }
  if (!Number.isFinite(nextBar.open) || nextBar.open <= 0) return null;

  const open = Price.of(nextBar.open);
  const price = executionPrice(open, order.side, model);
  return {
    clientOrderId: order.clientOrderId,
    sequence,
    ticker: order.ticker,
    side: order.side,
    quantity: quantity.toString(),
    price: price.toString(),
    fee: feeOf(price.times(quantity), model),
    slippageCost: price.times(quantity).minus(open.times(quantity)).abs().toString(PRICE_DECIMALS),
    filledAt: nextBar.start,
  };
}

/** The open, moved against us by half the spread and the slippage. */
function executionPrice(open: Price, side: Order['side'], model: FeeModel): Price {
  const sign = side === 'BUY' ? 1 : -1;
  return open.movedBy([sign * model.halfSpreadBps, sign * model.slippageBps], PRICE_DECIMALS);
}

/** Fee of one fill, USD: a share of the notional, at least the minimum, rounded half-up to cents. */
export function feeOf(notional: Money, model: FeeModel): DecimalString {
  const share = notional.abs().times(model.feeBps).dividedBy(BPS);
  return Money.max(share, Money.of(model.minFee)).toString(CASH_DECIMALS);
}
