import { Decimal, type DecimalString, toDecimal, toDecimalString } from './decimal';

type Factor = DecimalString | number;

/**
 * An immutable decimal with a unit. The unit makes the subclasses different types, so that a price plus a quantity does
 * not compile. `decimal` is for this folder only: other code uses the operations, which keep the unit.
 */
abstract class Amount<Unit extends string> {
  abstract readonly unit: Unit;

  protected constructor(readonly decimal: Decimal) {}

  isZero(): boolean {
    return this.decimal.isZero();
  }

  isNegative(): boolean {
    return this.decimal.lt(0);
  }

  isPositive(): boolean {
    return this.decimal.gt(0);
  }

  eq(other: Amount<Unit>): boolean {
    return this.decimal.eq(other.decimal);
  }

  lt(other: Amount<Unit>): boolean {
    return this.decimal.lt(other.decimal);
  }

  gt(other: Amount<Unit>): boolean {
    return this.decimal.gt(other.decimal);
  }

  /** Plain decimal text; `decimals` rounds half-up first. */
  toString(decimals?: number): DecimalString {
    return toDecimalString(this.decimal, decimals);
  }

  toJSON(): DecimalString {
    return this.toString();
  }
}

/** An amount of US dollars; may be negative. */
export class Money extends Amount<'money'> {
  readonly unit = 'money';
  static readonly ZERO = new Money(new Decimal(0));

  /** @throws RangeError when the value is not a finite number. */
  static of(value: Factor | Decimal): Money {
    return new Money(toDecimal(value));
  }

  static max(a: Money, b: Money): Money {
    return a.lt(b) ? b : a;
  }

  plus(other: Money): Money {
    return new Money(this.decimal.plus(other.decimal));
  }

  minus(other: Money): Money {
    return new Money(this.decimal.minus(other.decimal));
  }

  negated(): Money {
    return new Money(this.decimal.negated());
  }

  abs(): Money {
    return new Money(this.decimal.abs());
  }

  times(factor: Factor): Money {
    return new Money(this.decimal.times(toDecimal(factor)));
  }

  /** @throws RangeError when the divisor is 0. */
  dividedBy(divisor: Factor): Money {
    return Money.of(this.decimal.div(toDecimal(divisor)));
  }

  /** What one unit costs. @throws RangeError when the quantity is 0 or the price would be negative. */
  per(quantity: Quantity): Price {
    return Price.of(this.decimal.div(quantity.decimal));
  }

  /** How many units this buys. @throws RangeError when the price is 0. */
  at(price: Price): Quantity {
    return Quantity.of(this.decimal.div(price.decimal));
  }
}

/** US dollars for one unit; 0 or more. 0 is the average price of a flat position. */
export class Price extends Amount<'price'> {
  readonly unit = 'price';

  /** @throws RangeError when the value is negative or not a finite number. */
  static of(value: Factor | Decimal): Price {
    const decimal = toDecimal(value);
    if (decimal.lt(0)) throw new RangeError(`a price cannot be negative: ${toDecimalString(decimal)}`);
    return new Price(decimal);
  }

  /** A price that can be traded at. @throws RangeError when the value is not above 0. */
  static traded(value: Factor): Price {
    const price = Price.of(value);
    if (price.isZero()) throw new RangeError('a traded price must be above 0');
    return price;
  }

  times(quantity: Quantity): Money {
    return Money.of(this.decimal.times(quantity.decimal));
  }

  /** The price moved by the sum of shares of itself, in basis points (hundredths of a percent), rounded half-up. */
  movedBy(bps: readonly Factor[], decimals: number): Price {
    const sum = bps.reduce((total: Decimal, share) => total.plus(share), new Decimal(0));
    const factor = sum.div(10_000).plus(1);
    return Price.of(this.decimal.times(factor).toDecimalPlaces(decimals, Decimal.ROUND_HALF_UP));
  }
}

/** A number of units. Signed: above 0 long, below 0 short. */
export class Quantity extends Amount<'quantity'> {
  readonly unit = 'quantity';
  static readonly ZERO = new Quantity(new Decimal(0));

  /** @throws RangeError when the value is not a finite number. */
  static of(value: Factor | Decimal): Quantity {
    return new Quantity(toDecimal(value));
  }

  /** The size of an order or a fill. @throws RangeError when the value is not above 0. */
  static size(value: Factor): Quantity {
    const quantity = Quantity.of(value);
    if (!quantity.isPositive()) throw new RangeError(`a size must be above 0: ${quantity.toString()}`);
    return quantity;
  }

  static min(first: Quantity, ...others: Quantity[]): Quantity {
    return others.reduce((least, next) => (next.lt(least) ? next : least), first);
  }

  static max(a: Quantity, b: Quantity): Quantity {
    return a.lt(b) ? b : a;
  }

  plus(other: Quantity): Quantity {
    return new Quantity(this.decimal.plus(other.decimal));
  }

  minus(other: Quantity): Quantity {
    return new Quantity(this.decimal.minus(other.decimal));
  }

  negated(): Quantity {
    return new Quantity(this.decimal.negated());
  }

  abs(): Quantity {
    return new Quantity(this.decimal.abs());
  }

  /** Rounded down to whole steps; never below 0. */
  roundDownTo(step: Quantity): Quantity {
    return Quantity.max(Quantity.ZERO, Quantity.of(this.decimal.div(step.decimal).floor().times(step.decimal)));
  }
}
