import { createByteCursor } from './byte-cursor';
import { type BatchContext, type FetchedRecord, readRecord } from './fetched-record';

/** Unpacks the records of a compressed batch. */
export type Decompress = (attributes: number, payload: Buffer) => Promise<Buffer>;

// Where the fields of a record batch (magic 2) lie, https://kafka.apache.org/documentation/#recordbatch.
const LENGTH_AT = 8;
const LENGTH_END = 12;
const ATTRIBUTES_AT = 21;
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
 * Reads the batches of one partition's part of a fetch response. The last one may be cut off by the fetch's size limit: it is left
 * out. Throws `RangeError` when a record does not fit its batch.
 */
export async function readRecordBatches(bytes: Buffer, decompress: Decompress): Promise<FetchedRecord[]> {
  const records: FetchedRecord[] = [];
  let at = 0;
  while (at + RECORDS_AT <= bytes.length) {
    const end = at + LENGTH_END + bytes.readInt32BE(at + LENGTH_AT);
    if (end > bytes.length) break;
    const attributes = bytes.readInt16BE(at + ATTRIBUTES_AT);
    const packed = bytes.subarray(at + RECORDS_AT, end);
    const payload = (attributes & COMPRESSION_MASK) === 0 ? packed : await decompress(attributes, packed);
    const context = contextOf(bytes, at, attributes);
    const cursor = createByteCursor(payload, 0);
    for (let left = bytes.readInt32BE(at + COUNT_AT); left > 0; left -= 1) records.push(readRecord(cursor, context));
    at = end;
  }
  return records;
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
  };
}
