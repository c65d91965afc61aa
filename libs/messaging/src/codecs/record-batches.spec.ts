import { readRecordBatches } from './record-batches';
import { MAX_UNPACKED_BYTES, MAX_UNPACKED_RECORDS, UnpackedTooLargeError } from './unpack-limit';

const GZIP = 1;
const HEADER_BYTES = 61;

/** A compressed batch as the broker sends it; `decompress` supplies its content. */
function packedBatch({ firstOffset, count }: { firstOffset: number; count: number }): Buffer {
  const batch = Buffer.alloc(HEADER_BYTES + 4);
  batch.writeBigInt64BE(BigInt(firstOffset), 0);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt8(2, 16);
  batch.writeInt16BE(GZIP, 21);
  batch.writeInt32BE(count - 1, 23);
  batch.writeInt32BE(count, 57);
  return batch;
}

/** One record: length, attributes, timestamp and offset delta, no key, a value of the given length, no headers. */
function recordWithValue(bytes: number): Buffer {
  const varint = (value: number): number[] => {
    const parts: number[] = [];
    let rest = value * 2;
    for (; rest > 127; rest = Math.floor(rest / 128)) parts.push((rest % 128) + 128);
    return [...parts, rest];
  };
  const head = [0, 0, 0, 1, ...varint(bytes)];
  return Buffer.concat([Buffer.from([...varint(head.length + bytes + 1), ...head]), Buffer.alloc(bytes + 1)]);
}

const offsetsOf = (records: readonly { offset: number | string }[]) => records.map(({ offset }) => Number(offset));

describe('readRecordBatches', () => {
  it('yields a record without content for each record of a batch over the limit, and continues', async () => {
    const bytes = Buffer.concat([packedBatch({ firstOffset: 5, count: 3 }), packedBatch({ firstOffset: 8, count: 1 })]);
    let calls = 0;
    const records = await readRecordBatches(bytes, () => {
      calls += 1;
      return calls === 1 ? Promise.reject(new UnpackedTooLargeError('gzip')) : Promise.resolve(recordWithValue(2));
    });
    expect(offsetsOf(records)).toEqual([5, 6, 7, 8]);
    expect(records.map(({ isOversized }) => isOversized)).toEqual([true, true, true, false]);
    const [first] = records;
    expect([first?.key, first?.value, first?.headers, first?.sizeInBytes]).toEqual([null, null, {}, 0]);
  });

  it('does not decompress a batch with too many records, and yields only its first and last', async () => {
    const count = MAX_UNPACKED_RECORDS + 1;
    const records = await readRecordBatches(packedBatch({ firstOffset: 10, count }), () => {
      throw new Error('it was decompressed');
    });
    expect(offsetsOf(records)).toEqual([10, 10 + count - 1]);
    expect(records.every(({ isOversized }) => isOversized)).toBe(true);
  });

  it('leaves the rest for the next fetch once it has decompressed as much as one batch may hold', async () => {
    const bytes = Buffer.concat([0, 1, 2, 3].map((firstOffset) => packedBatch({ firstOffset, count: 1 })));
    const half = recordWithValue(MAX_UNPACKED_BYTES / 2);
    expect(offsetsOf(await readRecordBatches(bytes, () => Promise.resolve(half)))).toEqual([0, 1]);
  });

  it('rethrows any other codec error', async () => {
    const broken = () => Promise.reject(new RangeError('cut short'));
    await expect(readRecordBatches(packedBatch({ firstOffset: 0, count: 1 }), broken)).rejects.toThrow('cut short');
  });
});
