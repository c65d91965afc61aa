import { sqlList } from './sql-list';

describe('sqlList', () => {
  it('quotes constant words', () => {
    expect(sqlList(['accepted', 'partially_filled'])).toBe(`'accepted', 'partially_filled'`);
  });

  it.each([[[]], [['']], [["it's"]], [['a; b']]])('refuses %j', (words) => {
    expect(() => sqlList(words)).toThrow(RangeError);
  });
});
