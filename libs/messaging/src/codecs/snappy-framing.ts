/** Java clients wrap snappy blocks in the framing of the xerial library: magic, two int32 versions, then (int32 length, block)*. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = XERIAL_MAGIC.length + 8;

/**
 * Splits a Kafka snappy payload into raw snappy blocks: librdkafka writes one bare block, Java clients xerial frames.
 * @throws RangeError when a xerial frame is cut short
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
    if (start + length > payload.length) throw new RangeError('a xerial snappy frame is cut short');
    blocks.push(payload.subarray(start, start + length));
    position = start + length;
  }
  return blocks;
}

/** Wraps one raw snappy block the way Java clients do. */
export function toXerialFrame(block: Buffer): Buffer {
  const header = Buffer.alloc(XERIAL_HEADER_BYTES + 4);
  XERIAL_MAGIC.copy(header);
  header.writeInt32BE(1, 8);
  header.writeInt32BE(1, 12);
  header.writeUInt32BE(block.length, 16);
  return Buffer.concat([header, block]);
}
