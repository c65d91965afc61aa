import { inspect } from 'node:util';

import { z } from 'zod';

import { booleanFlag, csvList, decimal, durationMs, integer, port, requiredCsvList, secret } from './fields';
import type { Secret } from './secret';

const parse = (field: z.ZodType, value: unknown): unknown => {
  const result = z.object({ V: field }).safeParse(value === undefined ? {} : { V: value });
  return result.success ? result.data.V : result.error.issues[0]?.message;
};

describe('durationMs', () => {
  it.each([
    ['500ms', 500],
    ['5s', 5_000],
    ['2m', 120_000],
    ['1.5 h', 5_400_000],
    ['7D', 604_800_000],
    ['250', 250],
    [750, 750],
    [undefined, 42],
  ])('reads %s as %s ms', (text, ms) => {
    expect(parse(durationMs(42), text)).toBe(ms);
  });

  it.each(['-1s', '5 parsecs', 'soon', '1e3', 'Infinity', '5s5s'])('rejects %s', (text) => {
    expect(parse(durationMs(42), text)).toMatch(/must be a duration/);
  });

  it('rejects a duration outside its limits and names the limits', () => {
    expect(parse(durationMs(42, { minMs: 10, maxMs: 100 }), '1s')).toMatch(/between 10 ms and 100 ms/);
  });
});

describe('numbers', () => {
  it('accept decimal text only', () => {
    expect(parse(integer(1), '20')).toBe(20);
    expect(parse(integer(1), undefined)).toBe(1);
    expect(parse(decimal(1), '0.25')).toBe(0.25);
    for (const text of ['0x10', '1e3', '2.5', 'ten', '-1', '99999999999999999999']) {
      expect(parse(integer(1), text)).toMatch(/whole number/);
    }
  });

  it('bound ports', () => {
    expect(parse(port(8001), '0')).toBe(0);
    expect(parse(port(8001), '65536')).toMatch(/0 to 65535/);
  });
});

describe('lists and flags', () => {
  it('split at commas and drop blanks', () => {
    expect(parse(csvList(['x']), ' a, b,,c ')).toEqual(['a', 'b', 'c']);
    expect(parse(csvList(['x']), undefined)).toEqual(['x']);
    expect(parse(csvList(), undefined)).toEqual([]);
    expect(parse(requiredCsvList(), ' , ')).toMatch(/at least one/);
  });

  it('accept the usual words for true and false', () => {
    expect(['TRUE', '1', 'yes', 'on'].map((word) => parse(booleanFlag(false), word))).toEqual([true, true, true, true]);
    expect(['False', '0', 'no', 'off'].map((word) => parse(booleanFlag(true), word))).toEqual(Array(4).fill(false));
    expect(parse(booleanFlag(true), undefined)).toBe(true);
    expect(parse(booleanFlag(true), 'maybe')).toBe('must be true or false');
  });
});

describe('secret', () => {
  it('prints as redacted everywhere and reveals on request', () => {
    const value = parse(secret({ minLength: 4 }), 'hunter22') as Secret;
    const printed = [String(value), JSON.stringify({ value }), inspect({ value }, { depth: 9, showHidden: true })];
    expect(printed.join()).not.toContain('hunter22');
    expect(JSON.stringify({ value })).toBe('{"value":"[redacted]"}');
    expect(value.reveal()).toBe('hunter22');
  });
});
