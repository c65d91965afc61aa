import { Money, Price, Quantity } from '../money/amount';
import type { DecimalString } from '../money/decimal';
import type { Fill } from '../orders/order';
import { marketValue } from './apply-fill';
import type { Position } from './position';

/** Cash every new paper account starts with, USD. */
export const INITIAL_PAPER_CASH: DecimalString = '100000';

/** Cash after a fill: a purchase pays, a sale receives, both pay the fee. Can fall below 0 when the open gaps up. */
export function applyFillToCash(
  cash: DecimalString,
  fill: Pick<Fill, 'side' | 'quantity' | 'price' | 'fee'>,
): DecimalString {
  const notional = Price.of(fill.price).times(Quantity.of(fill.quantity));
  const signed = fill.side === 'BUY' ? notional.negated() : notional;
  return Money.of(cash).plus(signed).minus(Money.of(fill.fee)).toString();
}

/** Cash plus the signed market value of the positions, USD. */
export function accountEquity(
  cash: DecimalString,
  holdings: readonly { readonly position: Position; readonly mark: DecimalString | number }[],
): DecimalString {
  const total = holdings.reduce(
    (sum, { position, mark }) => sum.plus(Money.of(marketValue(position, mark))),
    Money.of(cash),
  );
  return total.toString();
}
