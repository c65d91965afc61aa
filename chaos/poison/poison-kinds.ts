import { toSignalMessage } from '@tripline/contracts';
import type { Signal } from '@tripline/triggers';

type Message = Record<string, unknown>;

/** A record that is not a valid signal. */
export interface PoisonKind {
  readonly name: string;
  /** Builds the bytes from a valid signal, with one defect. */
  make(signal: Signal): Buffer;
}

const text = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

/** The message with other fields. */
const field = (name: string, fields: Message): PoisonKind => ({
  name,
  make: (signal) => text({ ...toSignalMessage(signal), ...fields }),
});
/** Like `field`, but replaces the marker with JSON text that JSON.stringify cannot write. */
const raw = (name: string, fields: Message, marker: string): PoisonKind => ({
  name,
  make: (signal) => Buffer.from(JSON.stringify({ ...toSignalMessage(signal), ...fields }).replace('"@raw"', marker)),
});
const ticker = (name: string, fields: Message): PoisonKind => ({
  name,
  make: (signal) => text({ ...toSignalMessage(signal), tickers: [{ ...signal.tickers[0], ...fields }] }),
});
const bytes = (name: string, value: Buffer): PoisonKind => ({ name, make: () => value });
const wrapped = (name: string, wrap: (message: Buffer) => Buffer): PoisonKind => ({
  name,
  make: (signal) => wrap(text(toSignalMessage(signal))),
});

const KIB = 1024;

/** The forty kinds of poison. Each must be dead-lettered exactly once and must not stop the partition. */
export const POISON_KINDS: readonly PoisonKind[] = [
  bytes('no bytes', Buffer.alloc(0)),
  bytes('white space', Buffer.from(' \n')),
  bytes('one byte more than 64 KiB', Buffer.alloc(64 * KIB + 1, ' ')),
  bytes('almost 1 MiB', Buffer.alloc(KIB * KIB - 8 * KIB, 'x')),
  wrapped('a stray continuation byte', (message) => Buffer.concat([message, Buffer.from([0x80])])),
  bytes('an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22])),
  bytes('a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])),
  wrapped('UTF-16', (message) => Buffer.from(`\uFEFF${message.toString()}`, 'utf16le')),
  wrapped('a byte order mark', (message) => Buffer.from(`\uFEFF${message.toString()}`)),
  wrapped('a truncated message', (message) => message.subarray(0, 60)),
  wrapped('two messages in one', (message) => Buffer.concat([message, message])),
  bytes('single quotes', Buffer.from("{'signal_id': 1}")),
  raw('NaN', { metadata: { x: '@raw' } }, 'NaN'),
  raw('Infinity', { metadata: { x: '@raw' } }, '-Infinity'),
  raw('a raw control character', { source: '@raw' }, '"a\u0000b"'),
  bytes('protobuf bytes', Buffer.from([0, 0, 0, 0, 1, 2, 8, 16])),
  wrapped('an array', (message) => Buffer.from(`[${message.toString()}]`)),
  bytes('a number', Buffer.from('42')),
  bytes('null', Buffer.from('null')),
  raw('arrays 10,000 deep', { x: '@raw' }, '['.repeat(10_000) + ']'.repeat(10_000)),
  raw('objects 9,000 deep', { x: '@raw' }, `${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}`),
  field('metadata nested too deep', { metadata: nested(8) }),
  raw('__proto__ at the top', { x: '@raw' }, '1,"__proto__":{"polluted":true}'),
  raw('__proto__ by escapes', { metadata: '@raw' }, '{"\\u005f_proto__":1}'),
  field('constructor.prototype', { metadata: { constructor: { prototype: { x: 1 } } } }),
  field('an unknown version', { schema_version: 99 }),
  field('no id', { signal_id: undefined }),
  field('an id that is SQL', { signal_id: "1'; DROP TABLE signals; --" }),
  field('a time of the year 9999', { timestamp: '9999-12-31T23:59:59Z' }),
  field('a time of the year 0', { timestamp: '0000-01-01T00:00:00Z' }),
  field('milliseconds sent as seconds', { timestamp: 1_554_163_200_000 }),
  raw('a time beyond binary64', { timestamp: '@raw' }, '1e999'),
  field('no tickers', { tickers: [] }),
  ticker('a ticker with a line break', { ticker: 'MOCK-1\n' }),
  ticker('an unknown direction', { signal: 'UP' }),
  ticker('a confidence of 100.1', { confidence: 100.1 }),
  field('a signal type with capitals', { signal_type: 'GoldenCross' }),
  field('metadata above 16 KiB', { metadata: { x: 'y'.repeat(16 * KIB) } }),
  raw('an escaped NUL', { metadata: { x: '@raw' } }, '"a\\u0000b"'),
  raw('a lone surrogate', { metadata: { x: '@raw' } }, '"\\ud800"'),
];
