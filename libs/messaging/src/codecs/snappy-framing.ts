/** Java clients wrap snappy blocks in xerial framing: magic, two int32 versions, then (int32 length, block)*. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = XERIAL_MAGIC.length + 8;

/**
 * Splits a Kafka snappy payload into raw snappy blocks: librdkafka writes one bare block, Java clients write xerial frames.
 * @throws RangeError for a truncated xerial frame
 */
export function snappyBlocks(payload: Buffer): Buffer[] {
  if (payload.length < XERIAL_HEADER_BYTES || !payload.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) {
    return [payload];
  }
  const blocks: Buffer[] = [];
  let position = XERIAL_HEADER_BYTES;
  while (position < payload.length) {
    const length = payload.readUInt32BE(position);
    const start = position + 4;
    if (start + length > payload.length) throw new RangeError('truncated xerial snappy frame');
    blocks.push(payload.subarray(start, start + length));
    position = start + length;
  }
  return blocks;
}

const VALUE_BITS = 7;
const VALUE_MASK = 0x7f;
const MORE = 0x80;
const MAX_LENGTH_BYTES = 5;

/**
 * The decompressed length of a raw snappy block: the varint at its start. The decoder allocates that much and rejects a block of
 * any other length.
 * @throws RangeError when the block does not start with a length
 */
export function snappyUnpackedLength(block: Buffer): number {
  let length = 0;
  for (let index = 0; index < MAX_LENGTH_BYTES; index += 1) {
    const byte = block[index];
    if (byte === undefined) break;
    // Multiplied instead of shifted: the fifth byte reaches beyond 32 bits.
    length += (byte & VALUE_MASK) * 2 ** (index * VALUE_BITS);
    if (byte < MORE) return length;
  }
  throw new RangeError('snappy block does not start with its length');
}

/** Wraps one raw snappy block in xerial framing, as Java clients do. */
export function toXerialFrame(block: Buffer): Buffer {
  const header = Buffer.alloc(XERIAL_HEADER_BYTES + 4);
  XERIAL_MAGIC.copy(header);
  header.writeInt32BE(1, 8);
  header.writeInt32BE(1, 12);
  header.writeUInt32BE(block.length, 16);
  return Buffer.concat([header, block]);
}
