import { AVERAGE_PRICE_DECIMALS, Decimal, type DecimalString, toDecimal, toDecimalString } from '../money/decimal';
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
  const size = toDecimal(fill.quantity);
  const price = toDecimal(fill.price);
  if (size.lte(0) || price.lte(0)) throw new RangeError('a fill has a quantity and a price above 0');

  const held = toDecimal(position.quantity);
  const average = toDecimal(position.averagePrice);
  const change = fill.side === 'BUY' ? size : size.negated();
  const after = held.plus(change);
  const opposes = !held.isZero() && held.isNegative() !== change.isNegative();
  const closed = opposes ? Decimal.min(held.abs(), size) : new Decimal(0);
  const realised = closed.times(price.minus(average)).times(held.isNegative() ? -1 : 1);

  return {
    position: {
      ticker: position.ticker,
      quantity: toDecimalString(after),
      averagePrice: toDecimalString(
        averageAfter({ held, average, change, price, after, opposes }),
        AVERAGE_PRICE_DECIMALS,
      ),
      realisedPnl: toDecimalString(toDecimal(position.realisedPnl).plus(realised)),
      fees: toDecimalString(toDecimal(position.fees).plus(fill.fee)),
    },
    realisedPnl: toDecimalString(realised),
    closedQuantity: toDecimalString(closed),
  };
}

function averageAfter(fill: {
  held: Decimal;
  average: Decimal;
  change: Decimal;
  price: Decimal;
  after: Decimal;
  opposes: boolean;
}): Decimal {
  const { held, average, change, price, after, opposes } = fill;
  if (after.isZero()) return new Decimal(0);
  if (!opposes) return held.times(average).plus(change.times(price)).div(after);
  // A flip leaves a position that was opened by this fill alone.
  return held.isNegative() === after.isNegative() ? average : price;
}

/** Profit or loss of the open quantity at a mark price, USD, before fees. */
export function unrealisedPnl(position: Position, mark: DecimalString | number): DecimalString {
  const difference = toDecimal(mark).minus(position.averagePrice);
  return toDecimalString(toDecimal(position.quantity).times(difference));
}

/** Signed value of the open quantity at a mark price, USD. */
export function marketValue(position: Position, mark: DecimalString | number): DecimalString {
  return toDecimalString(toDecimal(position.quantity).times(toDecimal(mark)));
}
