import { lagOf, nextOffset } from './offsets';

describe('nextOffset', () => {
  it('is the offset after the last handled one, as a string', () => {
    expect(nextOffset(0n)).toBe('1');
    expect(nextOffset(41n)).toBe('42');
  });

  it('is exact beyond the range of a JavaScript number', () => {
    expect(nextOffset(9_007_199_254_740_992n)).toBe('9007199254740993');
  });

  it('rejects a negative offset', () => {
    expect(() => nextOffset(-1n)).toThrow(RangeError);
  });
});

describe('lagOf', () => {
  it('counts the records not handled yet and is never negative', () => {
    expect(lagOf(3n, 10n)).toBe(7);
    expect(lagOf(10n, 10n)).toBe(0);
    expect(lagOf(12n, 10n)).toBe(0);
  });
});
