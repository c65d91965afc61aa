import { Decimal as DecimalBase } from 'decimal.js';

/**
 * The decimal type of every amount: 40 significant digits, half-up, never exponent notation. A clone, so that no other
 * user of decimal.js in the process can change it.
 */
export const Decimal = DecimalBase.clone({
  precision: 40,
  rounding: DecimalBase.ROUND_HALF_UP,
  toExpNeg: -60,
  toExpPos: 60,
});
export type Decimal = DecimalBase;

/** A decimal number as text, e.g. `-12.5`: the form of money and quantities in JSON, on the wire and in results. */
export type DecimalString = string;

/** Decimals of a stored price; a tick table per instrument does not exist yet. */
export const PRICE_DECIMALS = 8;
/** Decimals of an average entry price: finer than prices, because it is a quotient. */
export const AVERAGE_PRICE_DECIMALS = 12;
/** Decimals of cash amounts that are rounded to currency precision (fees). */
export const CASH_DECIMALS = 2;

/**
 * Parses a decimal number.
 * @throws RangeError when it is not a finite number: NaN and infinity never enter a calculation.
 */
export function toDecimal(value: DecimalString | number | Decimal): Decimal {
  let parsed: Decimal;
  try {
    parsed = new Decimal(value);
  } catch (cause) {
    throw new RangeError(`not a decimal number: ${String(value)}`, { cause });
  }
  if (!parsed.isFinite()) throw new RangeError(`not a finite decimal number: ${String(value)}`);
  return parsed;
}

/** Plain decimal text without exponent and without trailing zeros; `decimals` rounds half-up first. */
export function toDecimalString(value: Decimal, decimals?: number): DecimalString {
  const rounded = decimals === undefined ? value : value.toDecimalPlaces(decimals, Decimal.ROUND_HALF_UP);
  // A negative zero would read as "-0".
  return rounded.isZero() ? '0' : rounded.toFixed();
}
