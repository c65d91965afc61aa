import { Decimal, toDecimal, toDecimalString } from './decimal';

describe('toDecimal', () => {
  it.each([NaN, Infinity, -Infinity, 'NaN', 'Infinity', '', 'abc', '1,5'])('refuses %p', (value) => {
    expect(() => toDecimal(value)).toThrow(RangeError);
  });

  it('keeps every digit of a text, where binary numbers do not', () => {
    expect(toDecimalString(toDecimal('0.1').plus('0.2'))).toBe('0.3');
    expect(toDecimalString(toDecimal('12345678901234567890.123456789'))).toBe('12345678901234567890.123456789');
  });
});

describe('toDecimalString', () => {
  it('writes plain decimals without exponent, trailing zeros or negative zero', () => {
    expect(toDecimalString(new Decimal('0.0000000001'))).toBe('0.0000000001');
    expect(toDecimalString(new Decimal('1e21'))).toBe('1000000000000000000000');
    expect(toDecimalString(new Decimal('-0'))).toBe('0');
    expect(toDecimalString(new Decimal('-0.004'), 2)).toBe('0');
  });

  it('rounds half-up, away from zero', () => {
    expect(toDecimalString(new Decimal('1.005'), 2)).toBe('1.01');
    expect(toDecimalString(new Decimal('-1.005'), 2)).toBe('-1.01');
  });
});
