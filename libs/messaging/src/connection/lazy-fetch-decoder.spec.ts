import fc from 'fast-check';
import Decoder from 'kafkajs/src/protocol/decoder';
import { lookupCodecByAttributes } from 'kafkajs/src/protocol/message/compression';
import Encoder from 'kafkajs/src/protocol/encoder';
import { RecordBatch } from 'kafkajs/src/protocol/recordBatch/v0';
import encodeRecord from 'kafkajs/src/protocol/recordBatch/record/v0';
import response from 'kafkajs/src/protocol/requests/fetch/v11/response';
import decodeMessages from 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages';

import { patchFetchDecoder } from './lazy-fetch-decoder';

interface TestRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, string | string[]>;
  readonly timestampDelta: number;
}

const original = response.decode;
const quick = { decode: original };
patchFetchDecoder({ response: quick, Decoder, decodeMessages, lookupCodecByAttributes });

async function encodeBatch(records: readonly TestRecord[], firstOffset: number, compression = 0): Promise<Buffer> {
  const batch = await RecordBatch({
    compression,
    firstOffset,
    firstTimestamp: 1_700_000_000_000,
    maxTimestamp: 1_700_000_900_000,
    lastOffsetDelta: records.length - 1,
    producerId: 42,
    records: records.map((record, offsetDelta) => encodeRecord({ ...record, offsetDelta })),
  });
  return batch.buffer;
}

/** A fetch response of version 11 with one topic and one partition. */
function encodeResponse(messages: Buffer): Buffer {
  return new Encoder()
    .writeInt32(0)
    .writeInt16(0)
    .writeInt32(77)
    .writeInt32(1)
    .writeString('topic')
    .writeInt32(1)
    .writeInt32(3)
    .writeInt16(0)
    .writeInt64(1_000)
    .writeInt64(990)
    .writeInt64(5)
    .writeInt32(1)
    .writeInt64(9)
    .writeInt64(12)
    .writeInt32(-1)
    .writeBytes(messages).buffer;
}

/** The fields on which both decoders must agree: every field that kafkajs or we read. */
function comparable(decoded: unknown): unknown {
  const { responses, ...rest } = decoded as {
    responses: { partitions: { messages: Record<string, unknown>[] }[] }[];
  };
  return {
    ...rest,
    responses: responses.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((partition) => ({
        ...partition,
        messages: partition.messages.map((message) => ({
          offset: String(message['offset']),
          timestamp: message['timestamp'],
          key: message['key'],
          value: message['value'],
          headers: message['headers'],
          isControlRecord: message['isControlRecord'],
          producerId: (message['batchContext'] as Record<string, unknown>)['producerId'],
          inTransaction: (message['batchContext'] as Record<string, unknown>)['inTransaction'],
        })),
      })),
    })),
  };
}

async function expectSame(raw: Buffer): Promise<void> {
  expect(comparable(await quick.decode(raw))).toEqual(comparable(await original(raw)));
}

const bytes = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
);
const headers = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 12 }).filter((name) => name !== '__proto__'),
  fc.oneof(fc.string({ maxLength: 200 }), fc.array(fc.string({ maxLength: 20 }), { minLength: 2, maxLength: 3 })),
  { maxKeys: 3 },
);
const record: fc.Arbitrary<TestRecord> = fc.record({
  key: bytes,
  value: bytes,
  headers,
  timestampDelta: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
});

describe('the lazy fetch decoder', () => {
  it("agrees with kafkajs' own decoder on any records", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(record, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.constantFrom(0, 1),
        async (batches, firstOffset, compression) => {
          const encoded = await Promise.all(batches.map((batch) => encodeBatch(batch, firstOffset, compression)));
          await expectSame(encodeResponse(Buffer.concat(encoded)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leaves out a batch that the fetch size has truncated, and reads an empty response', async () => {
    const value = Buffer.alloc(500, 'x');
    const one = await encodeBatch([{ key: null, value, headers: {}, timestampDelta: 0 }], 7);
    await expectSame(encodeResponse(Buffer.concat([one, one.subarray(0, one.length - 100)])));
    await expectSame(encodeResponse(Buffer.concat([one, one.subarray(0, 30)])));
    await expectSame(encodeResponse(Buffer.alloc(0)));
  });

  it('keeps offsets exact beyond the range of a number', async () => {
    const batch = await encodeBatch([{ key: null, value: Buffer.from('v'), headers: {}, timestampDelta: 0 }], 0);
    batch.writeBigInt64BE(2n ** 60n + 1n, 0);
    await expectSame(encodeResponse(batch));
  });

  it('rejects a record that is longer than its batch', async () => {
    const batch = await encodeBatch([{ key: null, value: Buffer.alloc(80), headers: {}, timestampDelta: 0 }], 0);
    batch[61] = 0xff;
    batch[62] = 0x7f;
    await expect(quick.decode(encodeResponse(batch))).rejects.toThrow(RangeError);
  });

  it('does not change a client without this decoder', () => {
    const unknown = { response: {}, Decoder, decodeMessages, lookupCodecByAttributes } as never;
    expect(patchFetchDecoder(unknown)).toBe(false);
  });
});
