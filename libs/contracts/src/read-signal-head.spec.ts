import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { SIGNAL_DIRECTIONS } from '@tripline/market';
import fc from 'fast-check';

import { decodeSignal } from './decode-signal';
import { readSignalHead } from './read-signal-head';
import { SIGNAL_LIMITS } from './signals';

const fixture = JSON.parse(readFileSync(join(__dirname, '../test/fixtures/signal-v1.json'), 'utf8')) as object;
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** Throws if the peeked head differs from the full parser's result. Returns whether a head was read. */
function agrees(value: Buffer): boolean {
  const head = readSignalHead(value);
  if (head === null) return false;
  const decoded = decodeSignal(value);
  if (!decoded.ok)
    throw new Error(`readSignalHead accepted a dead signal: ${decoded.detail}: ${value.toString('latin1')}`);
  const { metadata: _, tickers, ...signal } = decoded.signal;
  const read = tickers.map(({ ticker, signal: direction, confidence }) => ({ ticker, signal: direction, confidence }));
  expect(head).toEqual({ ...signal, tickers: read });
  return true;
}

const rarely = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 30, arbitrary: usual as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: odd });
const printable = fc.stringMatching(/^[ !#-[\]-~]{1,40}$/);
const odd = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.constantFrom(null, {}, [], -1, 101, '', '__proto__'),
);
const timestamps = fc
  .date({ noInvalidDate: true, min: new Date(-2.3e12), max: new Date(7.3e12) })
  .map((date) => date.toISOString());
const scalar = fc.oneof(printable, fc.double(), fc.integer(), fc.boolean(), fc.constant(null));
const keys = fc.oneof(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,66}$/), fc.constantFrom('constructor', 'prototype'));

const messages = fc.record(
  {
    signal_id: rarely(fc.uuid(), odd),
    signal_type: rarely(fc.stringMatching(/^[a-z][a-z0-9_]{0,63}$/), odd),
    source: rarely(printable, odd),
    timestamp: rarely(timestamps, fc.constantFrom('2024-02-30T00:00:00Z', '2024-13-01T00:00:00.000Z', 1_700_000_000)),
    tickers: rarely(
      fc.tuple(
        fc.record(
          {
            ticker: rarely(fc.stringMatching(/^[A-Z0-9^][A-Z0-9.\-_/=^]{0,5}$/), odd),
            signal: rarely(fc.constantFrom(...SIGNAL_DIRECTIONS), odd),
            confidence: rarely(
              fc.integer({ min: 0, max: 1_000 }).map((n) => n / 10),
              odd,
            ),
            reasoning: rarely(printable, odd),
          },
          { requiredKeys: ['ticker', 'signal', 'confidence'] },
        ),
      ),
      fc.constantFrom([], {}, null),
    ),
    metadata: rarely(fc.dictionary(keys, scalar, { maxKeys: 4, noNullPrototype: true }), odd),
    schema_version: rarely(fc.constant(1), odd),
    publisher: rarely(fc.uuid(), odd),
    owner: rarely(fc.uuid(), odd),
  },
  { noNullPrototype: true },
);

describe('readSignalHead', () => {
  it("reads our generators' messages", () => {
    expect(agrees(bytes(fixture))).toBe(true);
    expect(agrees(bytes({ ...fixture, metadata: {} }))).toBe(true);
  });

  it('reads the owner of a private message', () => {
    const user = '0d1c2b3a-4f5e-4d6c-8b7a-9f8e7d6c5b4a';
    expect(agrees(bytes({ ...fixture, publisher: user, owner: user }))).toBe(true);
    expect(readSignalHead(bytes({ ...fixture, publisher: user, owner: user }))).toMatchObject({ owner: user });
    expect(agrees(bytes({ ...fixture, publisher: user }))).toBe(true);
    expect(agrees(bytes({ ...fixture, owner: user }))).toBe(true);
  });

  it('agrees with the full parser on almost-canonical messages', () => {
    let accepted = 0;
    fc.assert(
      fc.property(messages, (message) => {
        if (agrees(bytes(message))) accepted += 1;
      }),
      { numRuns: 3_000 },
    );
    // Otherwise only nulls were compared.
    expect(accepted).toBeGreaterThan(300);
  });

  it('agrees with the full parser on corrupted bytes', () => {
    const usual = bytes(fixture);
    let accepted = 0;
    const change = fc.tuple(fc.nat(usual.length - 1), fc.nat(3), fc.uint8Array({ maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let value = usual;
        for (const [at, length, put] of changes) {
          value = Buffer.concat([value.subarray(0, at), put, value.subarray(at + length)]);
        }
        if (agrees(value)) accepted += 1;
      }),
      { numRuns: 5_000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  it.each([
    ['a nested metadata', { metadata: { a: { b: 1 } } }],
    ['a forbidden key', { metadata: { constructor: 1 } }],
    ['two tickers', { tickers: ['A', 'B'].map((ticker) => ({ ticker, signal: 'BULLISH', confidence: 1 })) }],
    ['text beyond ASCII', { source: 'bör' }],
    ['another version', { schema_version: 2 }],
    ['more than the peek reads', { metadata: { x: 'y'.repeat(2_000) } }],
    ['a time after the last', { timestamp: new Date(SIGNAL_LIMITS.latestEventMs + 1).toISOString() }],
  ])('leaves %s to a close look', (_, fields) => {
    expect(readSignalHead(bytes({ ...fixture, ...fields }))).toBeNull();
  });

  it.each([
    ['a key of 65 characters', '"close":', `"${'k'.repeat(65)}":`],
    ['a key that would be a prototype', '"close":', '"__proto__":'],
    ['a source of 101 characters', /"source":"[^"]*"/, `"source":"${'s'.repeat(101)}"`],
    ['no source', /"source":"[^"]*"/, '"source":""'],
    ['a number with a leading zero', /"close":[\d.]+/, '"close":01'],
    ['a confidence with a leading zero', /"confidence":[\d.]+/, '"confidence":05'],
    ['a confidence above 100', /"confidence":[\d.]+/, '"confidence":100.5'],
    ['an identifier of version 0', /("signal_id":"[^-]+-[^-]+-)\d/, '$10'],
    ['an identifier of version 9', /("signal_id":"[^-]+-[^-]+-)\d/, '$19'],
    ['an identifier of another variant', /("signal_id":"[^-]+-[^-]+-[^-]+-)[89ab]/, '$17'],
    ['bytes after the end', /$/, ' x'],
  ])('does not read %s, which a close look refuses', (_, usual, odd) => {
    const text = JSON.stringify({ ...fixture, metadata: { close: 12.5 } });
    const value = Buffer.from(text.replace(usual, odd));
    expect(value.toString()).not.toBe(text);
    expect(readSignalHead(value)).toBeNull();
    expect(decodeSignal(value).ok).toBe(false);
  });

  it.each([
    ['a key of 64 characters', { metadata: { ['k'.repeat(64)]: 1 } }],
    ['a source of 100 characters', { source: 's'.repeat(100) }],
    [
      'small and large numbers',
      { metadata: { a: 1.5e-9, b: 0.0028745600589999997, c: 1.2e21, d: 123456789012345680 } },
    ],
  ])('reads %s', (_, fields) => {
    expect(agrees(bytes({ ...fixture, ...fields }))).toBe(true);
  });

  it('returns null for a missing value', () => {
    expect(readSignalHead(null)).toBeNull();
    expect(readSignalHead(Buffer.alloc(0))).toBeNull();
  });
});
