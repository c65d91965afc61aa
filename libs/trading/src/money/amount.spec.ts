import * as fc from 'fast-check';

import { Money, Price, Quantity } from './amount';

/** Decimal text with up to 8 decimals. */
const texts = fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 8 })).map(([n, places]) =>
  Money.of(n)
    .dividedBy(10 ** places)
    .toString(),
);
const sizes = fc.integer({ min: 1, max: 1e9 }).map((micro) => Quantity.of(Money.of(micro).dividedBy(1e6).toString()));
const prices = fc.integer({ min: 1, max: 1e9 }).map((cents) => Price.of(Money.of(cents).dividedBy(100).toString()));

describe('Money, Price and Quantity', () => {
  it('do not mix', () => {
    const [money, price, quantity] = [Money.of('1'), Price.of('2'), Quantity.of('3')];
    const refused = (): unknown[] => [
      // @ts-expect-error a price plus a quantity has no meaning
      price.plus(quantity),
      // @ts-expect-error a quantity plus a price has no meaning
      quantity.plus(price),
      // @ts-expect-error money plus a price has no meaning
      money.plus(price),
      // @ts-expect-error money plus a quantity has no meaning
      money.plus(quantity),
      // @ts-expect-error a price times a price has no meaning
      price.times(price),
      // @ts-expect-error a quantity cannot be compared with a price
      quantity.lt(price),
    ];
    expect(typeof refused).toBe('function');
    expect(price.times(quantity).toString()).toBe('6');
  });

  it.each(['NaN', 'Infinity', '-Infinity', '', '1,5', NaN, Infinity])('refuse %p', (value) => {
    for (const type of [Money, Price, Quantity]) expect(() => type.of(value)).toThrow(RangeError);
  });

  it('refuse signs that have no meaning, and a division by 0', () => {
    expect(() => Price.of('-0.01')).toThrow('a price cannot be negative: -0.01');
    expect(() => Price.traded('0')).toThrow(RangeError);
    expect(() => Quantity.size('0')).toThrow(RangeError);
    expect(() => Quantity.size('-1')).toThrow(RangeError);
    expect(() => Money.of('1').per(Quantity.ZERO)).toThrow(RangeError);
    expect(() => Money.of('1').at(Price.of('0'))).toThrow(RangeError);
  });

  it('keep tiny prices to the last digit', () => {
    expect(JSON.stringify(Price.of('2.3e-10'))).toBe('"0.00000000023"');
    expect(Price.of('2.3e-10').times(Quantity.of('1000000')).toString()).toBe('0.00023');
  });

  it('survive a round trip through text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(Money.of(text).toString()).toBe(text);
        expect(Quantity.of(text).toString()).toBe(text);
      }),
    );
  });

  it('take away what they added', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(Money.of(a).plus(Money.of(b)).minus(Money.of(b)).eq(Money.of(a))).toBe(true);
        expect(Quantity.of(a).plus(Quantity.of(b)).minus(Quantity.of(b)).eq(Quantity.of(a))).toBe(true);
      }),
    );
  });

  it('divide the value of a trade into its price and its quantity', () => {
    fc.assert(
      fc.property(prices, sizes, (price, size) => {
        expect(price.times(size).per(size).eq(price)).toBe(true);
        expect(price.times(size).at(price).eq(size)).toBe(true);
      }),
    );
  });
});
