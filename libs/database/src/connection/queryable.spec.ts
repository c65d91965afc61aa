import { queryTypeOf } from './queryable';

describe('queryType', () => {
  it.each([
    ['SELECT 1', 'select'],
    ['\n  update x set y = 1', 'update'],
    ['-- insert\nWITH a AS (SELECT 1) INSERT INTO b SELECT * FROM a', 'insert'],
    ['WITH a AS (SELECT 1) SELECT * FROM a', 'select'],
    ['BEGIN', 'transaction'],
    ['COMMIT', 'transaction'],
    ['LISTEN x', 'other'],
    ['', 'other'],
  ])('of %j is %s', (text, type) => {
    expect(queryTypeOf(text)).toBe(type);
  });
});
