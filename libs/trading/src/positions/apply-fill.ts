import { Money, Price, Quantity } from '../money/amount';
import { AVERAGE_PRICE_DECIMALS, type DecimalString } from '../money/decimal';
import type { Fill } from '../orders/order';
import type { AppliedFill, Position } from './position';

type FillAmounts = Pick<Fill, 'ticker' | 'side' | 'quantity' | 'price' | 'fee'>;

/** No holding, no history. */
export function flatPosition(ticker: string): Position {
  return { ticker, quantity: '0', averagePrice: '0', realisedPnl: '0', fees: '0' };
}

/**
 * Books a fill by average cost. Same direction: the average moves. Against the position: the average stays and the
 * closed part realises (price − average) × sign. Beyond flat: everything closes, the rest opens at the fill's price.
 * The average is rounded half-up to 12 decimals, so that P&L is exact far below a cent.
 *
 * @throws RangeError on another ticker, a quantity or price that is not above 0, or anything not a number.
 */
export function applyFill(position: Position, fill: FillAmounts): AppliedFill {
  if (fill.ticker !== position.ticker) {
    throw new RangeError(`fill of ${fill.ticker} cannot change the position in ${position.ticker}`);
  }
  const size = Quantity.size(fill.quantity);
  const price = Price.traded(fill.price);

  const held = Quantity.of(position.quantity);
  const average = Price.of(position.averagePrice);
  const change = fill.side === 'BUY' ? size : size.negated();
  const after = held.plus(change);
  const opposes = !held.isZero() && held.isNegative() !== change.isNegative();
  const closed = opposes ? Quantity.min(held.abs(), size) : Quantity.ZERO;
  const realised = gainOf(held.isNegative() ? closed.negated() : closed, average, price);

  return {
    position: {
      ticker: position.ticker,
      quantity: after.toString(),
      averagePrice: averageAfter({ held, average, change, price, after, opposes }).toString(AVERAGE_PRICE_DECIMALS),
      realisedPnl: Money.of(position.realisedPnl).plus(realised).toString(),
      fees: Money.of(position.fees).plus(Money.of(fill.fee)).toString(),
    },
    realisedPnl: realised.toString(),
    closedQuantity: closed.toString(),
  };
}

function averageAfter(fill: {
  held: Quantity;
  average: Price;
  change: Quantity;
  price: Price;
  after: Quantity;
  opposes: boolean;
}): Price {
  const { held, average, change, price, after, opposes } = fill;
  if (after.isZero()) return Price.of(0);
  if (!opposes) return average.times(held).plus(price.times(change)).per(after);
  // A flip leaves a position that was opened by this fill alone.
  return held.isNegative() === after.isNegative() ? average : price;
}

/** Profit or loss of the open quantity at a mark price, USD, before fees. */
export function unrealisedPnl(position: Position, mark: DecimalString | number): DecimalString {
  return gainOf(Quantity.of(position.quantity), Price.of(position.averagePrice), Price.of(mark)).toString();
}

/** Signed value of the open quantity at a mark price, USD. */
export function marketValue(position: Position, mark: DecimalString | number): DecimalString {
  return Price.of(mark).times(Quantity.of(position.quantity)).toString();
}

/** Profit or loss of a signed quantity between two prices. */
function gainOf(quantity: Quantity, from: Price, to: Price): Money {
  return to.times(quantity).minus(from.times(quantity));
}
