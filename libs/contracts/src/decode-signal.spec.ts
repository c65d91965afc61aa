import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { SIGNAL_DIRECTIONS } from '@tripline/market';
import type { Signal } from '@tripline/triggers';
import fc from 'fast-check';

import { decodeSignal, decodeSignalRecord, signalFromMessage } from './decode-signal';
import {
  DEAD_SIGNAL_REASONS,
  MAX_EVENT_AHEAD_MS,
  SIGNAL_LIMITS,
  signalMessageSchema,
  toSignalMessage,
} from './signals';

type Message = Record<string, unknown>;

function fixture(name: string): Buffer {
  return readFileSync(join(__dirname, '../test/fixtures', `${name}.json`));
}

const valid = JSON.parse(fixture('signal-v1').toString()) as Message;
const [validTicker] = valid['tickers'] as Message[];
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const withField = (fields: Message): Buffer => json({ ...valid, ...fields });
const withTicker = (fields: Message): Buffer => withField({ tickers: [{ ...validTicker, ...fields }] });
/** Replaces a marker in the JSON text with raw text that JSON.stringify cannot write. */
const withRaw = (fields: Message, raw: string): Buffer =>
  Buffer.from(JSON.stringify({ ...valid, ...fields }).replace('"@raw"', raw));
const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
const keys = (count: number): Message => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));

describe('decodeSignal', () => {
  it('reads a message in the current form', () => {
    expect(decodeSignal(fixture('signal-v1'))).toEqual({
      ok: true,
      signal: {
        signalId: '1e72bc7e-1406-5fe9-b0f6-05fd52e3dba9',
        signalType: 'golden_cross',
        source: 'history-replay',
        occurredAt: Date.UTC(2019, 3, 2),
        tickers: [
          {
            ticker: '^SPX',
            signal: 'BULLISH',
            confidence: 72.4,
            reasoning: 'SMA 50 (2763.51) crossed above SMA 200 (2760.92); close 2867.19.',
          },
        ],
        metadata: valid['metadata'],
        schemaVersion: 1,
      },
    });
  });

  it('reads an older message without optional fields, with epoch seconds and an upper-case id', () => {
    expect(decodeSignal(fixture('signal-v1-without-optional-fields'))).toEqual({
      ok: true,
      signal: {
        signalId: '9f1b0c3e-7c55-4f64-9a0f-1d6c2e8b7a44',
        signalType: 'rsi_oversold',
        source: 'mock',
        occurredAt: Date.UTC(2019, 3, 2, 0, 0, 0, 500),
        tickers: [{ ticker: 'BTC-USD', signal: 'BULLISH', confidence: 0 }],
        metadata: {},
        schemaVersion: 1,
      },
    });
  });

  it('ignores fields added by later versions', () => {
    const decoded = decodeSignal(fixture('signal-v1-with-later-fields'));
    expect(decoded).toMatchObject({ ok: true, signal: { occurredAt: Date.UTC(2024, 1, 29, 4) } });
    expect(JSON.stringify(decoded)).not.toMatch(/venue|expires_at|quality/);
  });

  it('reads the publisher and owner of a private message', () => {
    const user = '0d1c2b3a-4f5e-4d6c-8b7a-9f8e7d6c5b4a';
    expect(decodeSignal(fixture('signal-v1-private'))).toMatchObject({
      ok: true,
      signal: { publisher: user, owner: user },
    });
    const capital = { publisher: user.toUpperCase(), owner: user.toUpperCase() };
    expect(decodeSignal(withField(capital))).toMatchObject({ ok: true, signal: { publisher: user, owner: user } });
  });

  it('reads escapes, emoji and a message of the maximum size', () => {
    expect(decodeSignal(withField({ source: 'ünïcode "\\ 🚀' }))).toMatchObject({ ok: true });
    const padded = Buffer.concat([json(valid), Buffer.alloc(64 * 1024 - json(valid).length, ' ')]);
    expect(decodeSignal(padded)).toMatchObject({ ok: true });
  });
});

const POISON: [kind: string, value: Buffer | null, reason: string][] = [
  ['a tombstone', null, 'empty'],
  ['no bytes', Buffer.alloc(0), 'empty'],
  ['one byte more than 64 KiB', Buffer.alloc(64 * 1024 + 1, ' '), 'too_large'],
  ['a stray continuation byte', Buffer.concat([json(valid), Buffer.from([0x80])]), 'not_utf8'],
  ['an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'not_utf8'],
  ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'not_utf8'],
  ['UTF-16 with a byte order mark', Buffer.from(`\uFEFF${JSON.stringify(valid)}`, 'utf16le'), 'not_utf8'],
  ['UTF-16 without a byte order mark', Buffer.from(JSON.stringify(valid), 'utf16le'), 'not_json'],
  ['a byte order mark', Buffer.from(`\uFEFF${JSON.stringify(valid)}`), 'not_json'],
  ['white space', Buffer.from(' \n'), 'not_json'],
  ['a truncated message', json(valid).subarray(0, 100), 'not_json'],
  ['two messages in one', Buffer.concat([json(valid), json(valid)]), 'not_json'],
  ['single quotes', Buffer.from("{'signal_id': 1}"), 'not_json'],
  ['NaN', withRaw({ metadata: { x: '@raw' } }, 'NaN'), 'not_json'],
  ['Infinity', withRaw({ metadata: { x: '@raw' } }, '-Infinity'), 'not_json'],
  ['a raw control character', withRaw({ source: '@raw' }, '"a\u0000b"'), 'not_json'],
  ['Avro or protobuf bytes', Buffer.from([0, 0, 0, 0, 1, 2, 8, 16]), 'not_json'],
  ['an array', json([valid]), 'not_an_object'],
  ['a number', Buffer.from('42'), 'not_an_object'],
  ['a string', json('signal'), 'not_an_object'],
  ['null', Buffer.from('null'), 'not_an_object'],
  ['true', Buffer.from('true'), 'not_an_object'],
  ['a depth bomb of arrays', withRaw({ x: '@raw' }, '['.repeat(30_000) + ']'.repeat(30_000)), 'too_deep'],
  ['a depth bomb of objects', withRaw({ x: '@raw' }, '{"a":'.repeat(9000) + '1' + '}'.repeat(9000)), 'too_deep'],
  ['metadata nested too deep', withField({ metadata: nested(8) as Message }), 'too_deep'],
  ['__proto__ at the top', withRaw({ x: '@raw' }, '1,"__proto__":{"polluted":true}'), 'forbidden_key'],
  ['__proto__ in metadata', withRaw({ metadata: '@raw' }, '{"__proto__":{"polluted":true}}'), 'forbidden_key'],
  ['__proto__ by escapes', withRaw({ metadata: '@raw' }, '{"\\u005f_proto__":1}'), 'forbidden_key'],
  ['constructor.prototype', withField({ metadata: { constructor: { prototype: { x: 1 } } } }), 'forbidden_key'],
  ['a later version', withField({ schema_version: 2 }), 'unsupported_version'],
  ['a later version with another shape', json({ schema_version: 2, body: {} }), 'unsupported_version'],
  ['a version as a string', withField({ schema_version: '1' }), 'unsupported_version'],
  ['no id', withField({ signal_id: undefined }), 'invalid_signal_id'],
  ['an id that is not a UUID', withField({ signal_id: "1'; DROP TABLE signals; --" }), 'invalid_signal_id'],
  ['an id of UUID version 0', withField({ signal_id: '1e72bc7e-1406-0fe9-b0f6-05fd52e3dba9' }), 'invalid_signal_id'],
  ['an owner that is not an id', withField({ owner: 'alice' }), 'invalid_field'],
  ['an owner of null, which must not read as shared', withField({ owner: null }), 'invalid_field'],
  ['a publisher that is not an id', withField({ publisher: 7 }), 'invalid_field'],
  ['a time without zone', withField({ timestamp: '2019-04-02T00:00:00' }), 'invalid_timestamp'],
  ['a day that does not exist', withField({ timestamp: '2019-02-29T00:00:00Z' }), 'invalid_timestamp'],
  ['a time in the year 9999', withField({ timestamp: '9999-12-31T23:59:59Z' }), 'invalid_timestamp'],
  ['a time in the year 0', withField({ timestamp: '0000-01-01T00:00:00Z' }), 'invalid_timestamp'],
  ['milliseconds sent as seconds', withField({ timestamp: 1_554_163_200_000 }), 'invalid_timestamp'],
  ['seconds as a string', withField({ timestamp: '1554163200' }), 'invalid_timestamp'],
  ['a time beyond binary64', withRaw({ timestamp: '@raw' }, '1e999'), 'invalid_field'],
  ['no tickers', withField({ tickers: [] }), 'invalid_tickers'],
  ['tickers as an object', withField({ tickers: { 0: validTicker } }), 'invalid_tickers'],
  ['a ticker twice', withField({ tickers: [validTicker, validTicker] }), 'invalid_tickers'],
  [
    '51 tickers',
    withField({ tickers: Array.from({ length: 51 }, (_, i) => ({ ...validTicker, ticker: `T${i}` })) }),
    'invalid_tickers',
  ],
  ['a ticker in lower case', withTicker({ ticker: 'aapl' }), 'invalid_tickers'],
  ['a ticker with a line break', withTicker({ ticker: 'AAPL\n' }), 'invalid_tickers'],
  ['an unknown direction', withTicker({ signal: 'UP' }), 'invalid_tickers'],
  ['a confidence of 100.1', withTicker({ confidence: 100.1 }), 'invalid_tickers'],
  ['a negative confidence', withTicker({ confidence: -1 }), 'invalid_tickers'],
  ['a confidence as a string', withTicker({ confidence: '80' }), 'invalid_tickers'],
  [
    'a confidence beyond binary64',
    withRaw({ tickers: [{ ...validTicker, confidence: '@raw' }] }, '1e400'),
    'invalid_field',
  ],
  ['a reasoning that is too long', withTicker({ reasoning: 'x'.repeat(2001) }), 'invalid_tickers'],
  ['a signal type with capitals', withField({ signal_type: 'GoldenCross' }), 'invalid_field'],
  ['an empty source', withField({ source: '' }), 'invalid_field'],
  ['metadata as an array', withField({ metadata: [1] }), 'invalid_field'],
  ['metadata null', withField({ metadata: null }), 'invalid_field'],
  ['a metadata key of 65 letters', withField({ metadata: { ['k'.repeat(65)]: 1 } }), 'invalid_field'],
  ['metadata above 16 KiB', withField({ metadata: { x: 'y'.repeat(16 * 1024) } }), 'invalid_field'],
  ['513 keys', withField({ metadata: keys(513) }), 'invalid_field'],
  ['an escaped NUL, which Postgres refuses', withRaw({ metadata: { x: '@raw' } }, '"a\\u0000b"'), 'invalid_field'],
  ['a lone surrogate, which Postgres refuses', withRaw({ metadata: { x: '@raw' } }, '"\\ud800"'), 'invalid_field'],
];

describe('decodeSignal on invalid values', () => {
  it.each(POISON)('rejects %s', (_, value, reason) => {
    const decoded = decodeSignal(value);
    expect(decoded).toMatchObject({ ok: false, reason });
    const detail = decoded.ok ? '' : decoded.detail;
    expect(detail).not.toBe('');
    expect(detail.length).toBeLessThanOrEqual(200);
    expect(({} as Message)['polluted']).toBeUndefined();
  });

  it('covers every reason that depends on the value alone', () => {
    const readable = DEAD_SIGNAL_REASONS.filter(
      (reason) => !['process_killer', 'batch_too_large', 'event_time_in_future'].includes(reason),
    );
    expect(new Set(POISON.map(([, , reason]) => reason))).toEqual(new Set(readable));
  });

  it('quotes at most a short prefix of the value', () => {
    const secret = 'hunter2'.repeat(3000);
    for (const value of [
      Buffer.from(`x${secret}`),
      withField({ signal_id: secret }),
      withField({ metadata: { [secret]: 1 } }),
    ]) {
      const decoded = decodeSignal(value);
      expect(decoded.ok ? '' : decoded.detail.split('hunter2').length - 1).toBeLessThanOrEqual(5);
    }
  });
});

/** Mostly valid, sometimes unusual. */
const mostly = <T>(good: fc.Arbitrary<T>, odd: fc.Arbitrary<unknown> = fc.jsonValue()): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 19, arbitrary: good as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: odd });

const tickerArbitrary = fc.record(
  {
    ticker: mostly(fc.stringMatching(/^[A-Z0-9^][A-Z0-9.\-_/=^]{0,5}$/), fc.string({ maxLength: 3 })),
    signal: mostly(fc.constantFrom(...SIGNAL_DIRECTIONS)),
    confidence: mostly(fc.double({ min: 0, max: 100, noNaN: true }), fc.constantFrom(-1, -1e-9, 100.01, '5', null)),
    reasoning: mostly(fc.string({ unit: 'binary' }), fc.constantFrom(null, 7, 'r'.repeat(2001))),
    later: fc.jsonValue({ maxDepth: 2 }),
  },
  { requiredKeys: ['ticker', 'signal', 'confidence'] },
);

/** Date-times around every boundary: days of the month, midnight, the first and last year. */
const dateTimeParts = fc
  .tuple(
    fc.constantFrom(1899, 1900, 1999, 2000, 2023, 2024, 2199, 2200),
    fc.integer({ min: 0, max: 13 }),
    fc.constantFrom(0, 1, 15, 28, 29, 30, 31, 32),
    fc.constantFrom(0, 12, 23, 24),
    fc.constantFrom(0, 59, 60),
    fc.constantFrom('', '.5', '.250', '.123456'),
    fc.constantFrom('Z', 'Z', '+00:00', '-05:30', ''),
  )
  .map(([year, month, day, hour, second, fraction, zone]) => {
    const two = (value: number): string => String(value).padStart(2, '0');
    return `${year}-${two(month)}-${two(day)}T${two(hour)}:00:${two(second)}${fraction}${zone}`;
  });

const timestampArbitrary = mostly(
  fc.oneof(
    fc.date({ noInvalidDate: true, min: new Date(-2.3e12), max: new Date(7.3e12) }).map((date) => date.toISOString()),
    fc.double({ min: -2.3e9, max: 7.3e9, noNaN: true }),
    dateTimeParts,
  ),
);

/** Almost valid messages. */
const messageArbitrary = fc.record(
  {
    signal_id: mostly(fc.uuid()),
    signal_type: mostly(fc.stringMatching(/^[a-z][a-z0-9_]{0,63}$/), fc.string()),
    source: mostly(fc.string({ minLength: 1, maxLength: 100 }), fc.constantFrom('', 's'.repeat(101))),
    timestamp: timestampArbitrary,
    tickers: mostly(fc.array(tickerArbitrary, { minLength: 1, maxLength: 3 })),
    metadata: mostly(fc.dictionary(fc.string({ maxLength: 66 }), fc.jsonValue({ maxDepth: 3 }))),
    schema_version: mostly(fc.constant(1)),
    publisher: mostly(fc.uuid(), fc.constantFrom(null, '', 'alice')),
    owner: mostly(fc.uuid(), fc.constantFrom(null, '', 'alice')),
    later: fc.jsonValue({ maxDepth: 2 }),
  },
  { requiredKeys: ['signal_id', 'signal_type', 'source', 'timestamp', 'tickers'] },
);

const signalArbitrary: fc.Arbitrary<Signal> = fc.record({
  signalId: fc.uuid(),
  signalType: fc.stringMatching(/^[a-z][a-z0-9_]{0,63}$/),
  source: fc.string({ minLength: 1, maxLength: 100 }).filter((text) => !text.includes('\0')),
  occurredAt: fc.integer({ min: SIGNAL_LIMITS.earliestEventMs, max: SIGNAL_LIMITS.latestEventMs }),
  tickers: fc.uniqueArray(
    fc.record({
      ticker: fc.stringMatching(/^[A-Z0-9^][A-Z0-9.\-_/=^]{0,31}$/),
      signal: fc.constantFrom(...SIGNAL_DIRECTIONS),
      confidence: fc.double({ min: 0, max: 100, noNaN: true }).map((value) => value + 0),
      reasoning: fc.string(),
    }),
    { minLength: 1, maxLength: 5, selector: (entry) => entry.ticker },
  ),
  metadata: fc.dictionary(
    fc.stringMatching(/^[a-z_]{1,20}$/).filter((key) => !/^(__proto__|constructor|prototype)$/.test(key)),
    fc.oneof(fc.string(), fc.integer(), fc.boolean()),
    { noNullPrototype: true },
  ),
  schemaVersion: fc.constant(1),
  publisher: fc.option(fc.uuid(), { nil: undefined }),
  owner: fc.option(fc.uuid(), { nil: undefined }),
});

describe('decodeSignal on arbitrary input', () => {
  it('never throws on bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) =>
        expect(decodeSignal(Buffer.from(bytes))).toHaveProperty('ok'),
      ),
    );
  });

  it('never throws on JSON', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), fc.jsonValue(), (text, value) => {
        expect(decodeSignal(Buffer.from(text))).toHaveProperty('ok');
        expect(signalFromMessage(value)).toHaveProperty('ok');
      }),
    );
  });

  it('reads back what toSignalMessage writes', () => {
    fc.assert(
      fc.property(signalArbitrary, (signal) => {
        expect(decodeSignal(json(toSignalMessage(signal)))).toEqual({
          ok: true,
          signal: JSON.parse(JSON.stringify(signal)),
        });
      }),
    );
  });

  it('accepts the same dates as the schema', () => {
    const two = (value: number): string => String(value).padStart(2, '0');
    for (const year of [1899, 1900, 2000, 2023, 2024, 2100, 2199, 2200]) {
      for (let month = 0; month <= 13; month += 1) {
        for (let day = 0; day <= 32; day += 1) {
          const timestamp = `${year}-${two(month)}-${two(day)}T00:00:00Z`;
          const decoded = decodeSignal(withField({ timestamp }));
          const parsed = signalMessageSchema.shape.timestamp.safeParse(timestamp);
          expect([timestamp, decoded.ok ? decoded.signal.occurredAt : null]).toEqual([timestamp, parsed.data ?? null]);
        }
      }
    }
  });

  it('accepts only what the schema accepts, with the same result', () => {
    let accepted = 0;
    fc.assert(
      fc.property(messageArbitrary, (message) => {
        const text = JSON.stringify(message);
        const decoded = decodeSignal(Buffer.from(text));
        const parsed = signalMessageSchema.safeParse(JSON.parse(text));
        const beforeSchema = !decoded.ok && ['too_deep', 'forbidden_key'].includes(decoded.reason);
        const oddText = !decoded.ok && decoded.detail.startsWith('a string contains NUL');
        if (beforeSchema || oddText) return;
        expect(decoded.ok).toBe(parsed.success);
        if (!decoded.ok || !parsed.success) return;
        accepted += 1;
        const { signalId, signalType, source, occurredAt, tickers, metadata, schemaVersion, publisher, owner } =
          decoded.signal;
        expect({
          signal_id: signalId,
          signal_type: signalType,
          source,
          timestamp: occurredAt,
          tickers,
          metadata,
          schema_version: schemaVersion,
          publisher,
          owner,
        }).toEqual(parsed.data);
      }),
      { numRuns: 2000 },
    );
    // Otherwise the generator above would compare only rejections.
    expect(accepted).toBeGreaterThan(300);
  });
});

describe('decodeSignalRecord', () => {
  const takenAt = Date.UTC(2026, 0, 1);
  const at = (occurredAt: number, timestampMs = takenAt) =>
    decodeSignalRecord({ value: withField({ timestamp: new Date(occurredAt).toISOString() }), timestampMs });

  it('accepts an event up to five minutes after the record was appended', () => {
    expect(at(takenAt + MAX_EVENT_AHEAD_MS)).toMatchObject({ ok: true });
  });

  it('rejects an event further ahead, with its own reason', () => {
    expect(at(takenAt + MAX_EVENT_AHEAD_MS + 1)).toMatchObject({ ok: false, reason: 'event_time_in_future' });
    expect(at(Date.UTC(2028, 0, 1))).toEqual({
      ok: false,
      reason: 'event_time_in_future',
      detail: 'timestamp: 63072000 s after the record was appended',
    });
  });

  it('depends only on the record, not on when it is read', () => {
    expect(at(Date.UTC(2020, 0, 1), Date.UTC(2019, 0, 1))).toMatchObject({ ok: false });
  });

  it('accepts any event time in a record without an append time, and keeps the reasons for dead values', () => {
    expect(at(Date.UTC(2028, 0, 1), -1)).toMatchObject({ ok: true });
    expect(decodeSignalRecord({ value: null, timestampMs: takenAt })).toMatchObject({ ok: false, reason: 'empty' });
  });
});

describe('signalFromMessage', () => {
  it('reads a parsed message like decodeSignal reads its bytes', () => {
    expect(signalFromMessage(valid)).toEqual(decodeSignal(fixture('signal-v1')));
  });

  it('rejects values that JSON cannot represent', () => {
    const circular: Message = {};
    circular['self'] = circular;
    for (const metadata of [{ x: 1n }, { x: () => 1 }, { x: NaN }, circular]) {
      expect(signalFromMessage({ ...valid, metadata })).toMatchObject({ ok: false });
    }
    expect(signalFromMessage(undefined)).toMatchObject({ ok: false, reason: 'not_an_object' });
  });
});
