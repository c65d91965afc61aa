/**
 * Records of a small chunk. The first chunk of a partition after an assignment is small, and a batch smaller than this is
 * finished before the next fetch.
 */
export const SMALL_CHUNK_RECORDS = 200;

export interface Sized {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Length of key and value, when known without decoding the key. */
  readonly sizeInBytes?: number;
}

/**
 * Cuts fetched records into chunks of at most `maxRecords` records (read again for each chunk) and `maxBytes` bytes of key +
 * value, in order. A single larger record gets its own chunk: Kafka's fetch limits are not hard limits, and rejecting the record
 * would stop the partition.
 */
export function* chunksOf<T extends Sized>(
  records: readonly T[],
  limits: { readonly maxRecords: number; readonly maxBytes: number },
): Generator<readonly T[]> {
  let from = 0;
  let maxRecords = limits.maxRecords;
  let bytes = 0;
  for (let index = 0; index < records.length; index += 1) {
    const record = records[index] as T;
    const size = record.sizeInBytes ?? (record.key?.length ?? 0) + (record.value?.length ?? 0);
    const isFull = index - from >= maxRecords || bytes + size > limits.maxBytes;
    if (index > from && isFull) {
      yield records.slice(from, index);
      from = index;
      bytes = 0;
      maxRecords = limits.maxRecords;
    }
    bytes += size;
  }
  if (from < records.length) yield records.slice(from);
}
