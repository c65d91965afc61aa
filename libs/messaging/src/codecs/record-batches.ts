import { createByteCursor } from './byte-cursor';
import { type BatchContext, FetchedRecord, readRecord } from './fetched-record';
import { MAX_UNPACKED_BYTES, MAX_UNPACKED_RECORDS, UnpackedTooLargeError } from './unpack-limit';

/** Decompresses the records of a batch. */
export type Decompress = (attributes: number, payload: Buffer) => Promise<Buffer>;

// Field offsets of a record batch (magic 2), https://kafka.apache.org/documentation/#recordbatch.
const LENGTH_AT = 8;
const LENGTH_END = 12;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const FIRST_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const PRODUCER_ID_AT = 43;
const COUNT_AT = 57;
const RECORDS_AT = 61;

const COMPRESSION_MASK = 0x07;
const APPEND_TIME_FLAG = 0x08;
const TRANSACTIONAL_FLAG = 0x10;
const CONTROL_FLAG = 0x20;

/**
 * Reads the batches of one partition in a fetch response. The last one may be truncated by the fetch's size limit and is left
 * out. Once compressed batches have reached the limit for a single batch, the batches after them are also left out; the next
 * fetch returns them.
 *
 * A batch that decompresses to more than the limit does not stop the partition: it yields its records without key and value
 * (`isOversized`). Throws `RangeError` when a record exceeds its batch.
 */
export async function readRecordBatches(bytes: Buffer, decompress: Decompress): Promise<FetchedRecord[]> {
  const records: FetchedRecord[] = [];
  let at = 0;
  let unpackedBytes = 0;
  while (unpackedBytes < MAX_UNPACKED_BYTES && at + RECORDS_AT <= bytes.length) {
    const end = at + LENGTH_END + bytes.readInt32BE(at + LENGTH_AT);
    if (end > bytes.length) break;
    const attributes = bytes.readInt16BE(at + ATTRIBUTES_AT);
    const packed = bytes.subarray(at + RECORDS_AT, end);
    const context = contextOf(bytes, at, attributes);
    const count = bytes.readInt32BE(at + COUNT_AT);
    const isPacked = (attributes & COMPRESSION_MASK) !== 0;
    const payload = isPacked ? await unpack(packed, attributes, count, decompress) : packed;
    if (payload === null) {
      addOversized(records, { ...context, isOversized: true }, bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT));
    } else {
      if (isPacked) unpackedBytes += payload.length;
      const cursor = createByteCursor(payload, 0);
      for (let left = count; left > 0; left -= 1) records.push(readRecord(cursor, context));
    }
    at = end;
  }
  return records;
}

/** Null when the batch is over a limit. */
async function unpack(
  packed: Buffer,
  attributes: number,
  count: number,
  decompress: Decompress,
): Promise<Buffer | null> {
  if (count > MAX_UNPACKED_RECORDS) return null;
  try {
    return await decompress(attributes, packed);
  } catch (error) {
    if (error instanceof UnpackedTooLargeError) return null;
    throw error;
  }
}

/**
 * A record for every offset of the batch, so that each is accounted for. With too many records, only the first and the last: the
 * consumer continues after the batch, and a few bytes cannot become millions of rows.
 */
function addOversized(records: FetchedRecord[], context: BatchContext, lastDelta: number): void {
  const step = lastDelta < MAX_UNPACKED_RECORDS ? 1 : lastDelta;
  for (let delta = 0; delta <= lastDelta; delta += step) records.push(FetchedRecord.withoutContent(context, delta));
}

function contextOf(bytes: Buffer, at: number, attributes: number): BatchContext {
  return {
    firstOffset: bytes.readBigInt64BE(at),
    firstOffsetNumber: Number(bytes.readBigInt64BE(at)),
    firstTimestamp: Number(bytes.readBigInt64BE(at + FIRST_TIMESTAMP_AT)),
    maxTimestamp: bytes.readBigInt64BE(at + MAX_TIMESTAMP_AT).toString(),
    isAppendTime: (attributes & APPEND_TIME_FLAG) !== 0,
    isControlBatch: (attributes & CONTROL_FLAG) !== 0,
    inTransaction: (attributes & TRANSACTIONAL_FLAG) !== 0,
    producerId: bytes.readBigInt64BE(at + PRODUCER_ID_AT).toString(),
    isOversized: false,
  };
}
