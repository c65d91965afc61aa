import type { Bar } from '@tripline/market';
import {
  CASH_DECIMALS,
  Decimal,
  type DecimalString,
  PRICE_DECIMALS,
  toDecimal,
  toDecimalString,
} from '../money/decimal';
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
  const quantity = toDecimal(order.quantity).minus(order.filledQuantity);
  if (quantity.lte(0)) throw new RangeError(`order ${order.clientOrderId} has no quantity left to fill`);
  if (nextBar.start < order.occurredAt) {
    throw new RangeError(`order ${order.clientOrderId} cannot fill on a bar that began before it`);
  }
  if (!Number.isFinite(nextBar.open) || nextBar.open <= 0) return null;

  const open = toDecimal(nextBar.open);
  const price = executionPrice(open, order.side, model);
  return {
    clientOrderId: order.clientOrderId,
    sequence,
    ticker: order.ticker,
    side: order.side,
    quantity: toDecimalString(quantity),
    price: toDecimalString(price),
    fee: feeOf(quantity.times(price), model),
    slippageCost: toDecimalString(price.minus(open).abs().times(quantity), PRICE_DECIMALS),
    filledAt: nextBar.start,
  };
}

/** The open, moved against us by half the spread and the slippage. */
function executionPrice(open: Decimal, side: Order['side'], model: FeeModel): Decimal {
  const against = new Decimal(model.halfSpreadBps).plus(model.slippageBps).div(BPS);
  const factor = side === 'BUY' ? against.plus(1) : new Decimal(1).minus(against);
  return open.times(factor).toDecimalPlaces(PRICE_DECIMALS, Decimal.ROUND_HALF_UP);
}

/** Fee of one fill, USD: a share of the notional, at least the minimum, rounded half-up to cents. */
export function feeOf(notional: Decimal, model: FeeModel): DecimalString {
  const share = notional.abs().times(model.feeBps).div(BPS);
  return toDecimalString(Decimal.max(share, model.minFee), CASH_DECIMALS);
}
