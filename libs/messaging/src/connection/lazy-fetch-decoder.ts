import { readRecordBatches } from '../codecs/record-batches';

/** The members of kafkajs' internal decoder this file relies on. */
export interface ClientDecoder {
  readonly buffer: Buffer;
  offset: number;
  readInt16(): number;
  readInt32(): number;
  readInt64(): bigint;
  readString(): string | null;
  readArray<T>(read: (decoder: ClientDecoder) => T): T[];
  readArrayAsync<T>(read: (decoder: ClientDecoder) => Promise<T>): Promise<T[]>;
}

interface ClientCodec {
  decompress(payload: Buffer): Promise<Buffer>;
}

/** kafkajs internals, by their paths in 2.2.4. */
export interface FetchInternals {
  /** `protocol/requests/fetch/v11/response`: the newest version it supports, used with every broker since 2.3. */
  readonly response: { decode: (raw: Buffer) => Promise<unknown> };
  readonly Decoder: new (raw: Buffer) => ClientDecoder;
  /** Decodes bytes of any record format and moves the decoder past them. */
  readonly decodeMessages: (decoder: ClientDecoder) => Promise<unknown[]>;
  readonly lookupCodecByAttributes: (attributes: number) => ClientCodec | null;
}

const PATCHED = Symbol.for('tripline.kafkajs.fetchDecoder');
/** Magic byte of a partition's first batch; 2 since Kafka 0.11. */
const MAGIC_AT = 16;
const MAGIC = 2;

/**
 * Makes kafkajs decode fetched records lazily. Its own decoder creates many objects and strings per record, which dominates the
 * CPU time of a consumer, although keys, headers and timestamps of unmatched records are never read. The object is changed at
 * run time, as in `patchRequestQueueTimer`.
 * @returns false when the installed kafkajs has no such decoder; kafkajs then decodes as usual
 */
export function patchFetchDecoder(internals: FetchInternals): boolean {
  const { response, Decoder } = internals;
  if (PATCHED in response) return true;
  if (typeof response.decode !== 'function' || typeof internals.decodeMessages !== 'function') return false;
  const readPartition = createPartitionReader(internals);
  response.decode = async (raw) => {
    const decoder = new Decoder(raw);
    const clientSideThrottleTime = decoder.readInt32();
    const errorCode = decoder.readInt16();
    const sessionId = decoder.readInt32();
    const responses = await decoder.readArrayAsync(async (topics) => ({
      topicName: topics.readString(),
      partitions: await topics.readArrayAsync(readPartition),
    }));
    // As in kafkajs: since Kafka 2.0 the client enforces the throttle time, not the broker.
    return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
  };
  Object.defineProperty(response, PATCHED, { value: true });
  return true;
}

function createPartitionReader(internals: FetchInternals) {
  const decompress = async (attributes: number, payload: Buffer): Promise<Buffer> => {
    const codec = internals.lookupCodecByAttributes(attributes);
    if (codec === null) throw new RangeError(`no codec for batch attributes ${attributes}`);
    return codec.decompress(payload);
  };
  const readMessages = async (decoder: ClientDecoder): Promise<unknown[]> => {
    const from = decoder.offset + 4;
    const size = decoder.buffer.readInt32BE(decoder.offset);
    const isPlain = size > MAGIC_AT && from + size <= decoder.buffer.length;
    if (!isPlain || decoder.buffer[from + MAGIC_AT] !== MAGIC) return internals.decodeMessages(decoder);
    decoder.offset = from + size;
    return readRecordBatches(decoder.buffer.subarray(from, from + size), decompress);
  };
  return async (decoder: ClientDecoder) => ({
    partition: decoder.readInt32(),
    errorCode: decoder.readInt16(),
    highWatermark: decoder.readInt64().toString(),
    lastStableOffset: decoder.readInt64().toString(),
    lastStartOffset: decoder.readInt64().toString(),
    abortedTransactions: decoder.readArray((transactions) => ({
      producerId: transactions.readInt64().toString(),
      firstOffset: transactions.readInt64().toString(),
    })),
    preferredReadReplica: decoder.readInt32(),
    messages: await readMessages(decoder),
  });
}
