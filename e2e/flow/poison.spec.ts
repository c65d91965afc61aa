import { createHash } from 'node:crypto';

import { DEAD_SIGNAL_REASONS, type DeadSignalReason, decodeSignalRecord, toSignalMessage } from '@tripline/contracts';
import type { Signal } from '@tripline/triggers';
import {
  createKafkaConnection,
  createProducer,
  type KafkaConnection,
  kafkaConfigSchema,
  type MessageProducer,
} from '@tripline/messaging';
import { buildSignal } from '@tripline/testing';

import { readSamples } from '../support/metrics';
import { seedPipelines } from '../support/seed-pipelines';
import { createSystem, type TestSystem } from '../support/system';

jest.setTimeout(60_000);

/** Tickers on different partitions; a record that blocks one partition then shows up on at least one of them. */
const TICKERS = ['MOCK-01', 'MOCK-02', 'MOCK-03'];
const PREFIX_BYTES = 256;
const HOUR_MS = 3_600_000;

function goodSignal(ticker: string): Signal {
  return buildSignal({ tickers: [{ ticker, signal: 'BULLISH', confidence: 50 }] });
}

/** A valid signal except for the changed fields. */
const almost = (change: Record<string, unknown>): string =>
  JSON.stringify({ ...toSignalMessage(goodSignal('MOCK-01')), ...change });
const nested = (depth: number): unknown => (depth === 0 ? 1 : { deeper: nested(depth - 1) });

/** One record for each reason of the closed list, and variants of some. */
const POISON: readonly { readonly reason: DeadSignalReason; readonly value: Buffer }[] = (
  [
    ['empty', ''],
    ['too_large', almost({ metadata: { padding: 'x'.repeat(70_000) } })],
    ['not_utf8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['not_json', '{"signal_id": '],
    ['not_json', almost({}).replace('"confidence":50', '"confidence":NaN')],
    ['not_an_object', '[1, 2, 3]'],
    ['not_an_object', 'null'],
    ['too_deep', almost({ metadata: nested(50) })],
    ['forbidden_key', almost({}).replace('"metadata":{}', '"metadata":{"__proto__":{"admin":true}}')],
    ['unsupported_version', almost({ schema_version: 99 })],
    ['invalid_signal_id', almost({ signal_id: 'not-a-uuid' })],
    ['invalid_timestamp', almost({ timestamp: 1_577_836_800_000 })],
    ['event_time_in_future', almost({ timestamp: new Date(Date.now() + HOUR_MS).toISOString() })],
    ['invalid_tickers', almost({ tickers: [] })],
    ['invalid_tickers', almost({}).replace('"confidence":50', '"confidence":1e9')],
    ['invalid_field', almost({ signal_type: 'No Snake Case; DROP TABLE signals' })],
  ] as const
).map(([reason, value]) => ({ reason, value: Buffer.from(value) }));

interface DeadRow {
  readonly at: string;
  readonly reason: string;
  readonly sha256: string;
  readonly prefix: Buffer;
}

let system: TestSystem;
let producer: MessageProducer;
const good: Signal[] = [];

const sha256 = (value: Buffer): string => createHash('sha256').update(value).digest('hex');
const reasonOf = new Map(POISON.map(({ reason, value }) => [sha256(value), reason]));

async function publishGood(ticker: string): Promise<void> {
  const signal = goodSignal(ticker);
  good.push(signal);
  await producer.send(system.names.topic, [{ key: ticker, value: JSON.stringify(toSignalMessage(signal)) }]);
}

beforeAll(async () => {
  system = await createSystem({ name: 'poison' });
  await seedPipelines(
    system.database,
    TICKERS.map((ticker) => ({ name: `everything of ${ticker}`, tickers: [ticker] })),
  );
  await Promise.all([system.apps.worker.start(), system.apps['trigger-dispatcher'].start()]);
  const connection = createKafkaConnection(kafkaConfigSchema.parse({ ...system.servers, KAFKA_CLIENT_ID: 'poison' }));
  producer = createProducer(connection, { maxMessageBytes: 200_000 });
  await producer.start();
  for (const ticker of TICKERS) {
    for (const { value } of POISON) {
      await publishGood(ticker);
      await producer.send(system.names.topic, [{ key: ticker, value }]);
    }
    await publishGood(ticker);
  }
  await publishTombstone(connection);
  await system.settle(30_000);
});
afterAll(async () => {
  await producer?.stop();
  await system?.dispose();
});

/** Sends a record without a value. Our own producer cannot, so this uses the underlying client. */
async function publishTombstone({ kafka }: KafkaConnection): Promise<void> {
  const raw = kafka.producer();
  await raw.connect();
  await raw.send({ topic: system.names.topic, messages: [{ key: 'MOCK-01', value: null }] });
  await raw.disconnect();
}

async function badRecords(): Promise<DeadRow[]> {
  const found: DeadRow[] = [];
  await system.admin.readAll(system.names.topic, ({ partition, offset, value, timestampMs }) => {
    if (decodeSignalRecord({ value, timestampMs }).ok) return;
    const raw = value ?? Buffer.alloc(0);
    const reason = reasonOf.get(sha256(raw)) ?? 'unknown to this test';
    found.push({ at: `${partition}/${offset}`, reason, sha256: sha256(raw), prefix: raw.subarray(0, PREFIX_BYTES) });
  });
  return found;
}

const byPlace = (a: { at: string }, b: { at: string }): number => (a.at < b.at ? -1 : 1);
const readable = ({ prefix, ...row }: DeadRow) => ({ ...row, prefix: prefix.toString('latin1') });

describe('poison records between good ones', () => {
  it('cover every reason for a dead record', () => {
    // A process killer is detected by counting crashes, not by parsing; libs and the dispatcher test this.
    const readable = DEAD_SIGNAL_REASONS.filter(
      (reason) => reason !== 'process_killer' && reason !== 'batch_too_large',
    );
    expect(new Set(POISON.map(({ reason }) => reason))).toEqual(new Set(readable));
  });

  it('are stored once each in dead_signals, with offset, reason, digest and a bounded prefix', async () => {
    const rows = await system.database.query<DeadRow>(
      {
        text: `SELECT part || '/' || off AS at, reason, raw_sha256 AS "sha256", raw_prefix AS prefix
               FROM dead_signals WHERE topic = $1`,
      },
      [system.names.topic],
    );
    const expected = await badRecords();
    expect(expected.length).toBeGreaterThanOrEqual(POISON.length * TICKERS.length);
    expect([...rows].sort(byPlace).map(readable)).toEqual(expected.sort(byPlace).map(readable));
  });

  it('are counted by reason', async () => {
    const counted = await readSamples(system.ports.metrics['trigger-dispatcher'], 'dead_signals_total');
    const expected: Record<string, number> = {};
    for (const { reason } of await badRecords()) expected[reason] = (expected[reason] ?? 0) + 1;
    const shown = [...counted].map(([labels, count]) => [/reason="(\w+)"/.exec(labels)?.[1] ?? '', count] as const);
    expect(Object.fromEntries(shown.filter(([, count]) => count > 0))).toEqual(expected);
  });

  it('do not affect the good records around them, each of which is decided once', async () => {
    const rows = await system.database.query<{ id: string }>({ text: 'SELECT signal_id AS id FROM signal_matches' });
    expect(rows.map(({ id }) => id).sort()).toEqual(good.map(({ signalId }) => signalId).sort());
    expect(await system.recount(good.map(({ signalId }) => signalId))).toMatchObject({
      lost: 0,
      doubled: 0,
      findings: [],
    });
  });

  it('block neither later signals nor the readiness of the dispatcher', async () => {
    const before = (await system.snapshot()).executions.length;
    for (const ticker of TICKERS) await publishGood(ticker);
    await system.settle(30_000);
    expect((await system.snapshot()).executions).toHaveLength(before + TICKERS.length);
    expect(await system.apps['trigger-dispatcher'].isReady()).toBe(true);
  });
});
