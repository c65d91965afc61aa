// The LZ4 frame format, https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md, and the block format next to it.
const MAGIC = 0x184d2204;
const FLAGS_AT = 4;
const HEADER_BYTES = 7;
const BLOCK_CHECKSUM_FLAG = 0x10;
const CONTENT_SIZE_FLAG = 0x08;
const DICTIONARY_FLAG = 0x01;
const UNCOMPRESSED_BIT = 0x80000000;
const CHECKSUM_BYTES = 4;
/** A length of 15 continues in the following bytes, up to and including the first below 255. */
const LONG = 15;
const MORE = 255;
const MIN_MATCH = 4;
const OFFSET_BYTES = 2;

/** No byte of a block represents more than 255 bytes. */
export const MAX_LZ4_RATIO = 255;

/**
 * The decompressed length of an LZ4 frame, computed without decompressing, because the length in the header is optional and
 * may be wrong. Stops counting beyond `limit`.
 * @throws RangeError when the bytes are not an LZ4 frame or end too early
 */
export function lz4UnpackedLength(frame: Buffer, limit: number): number {
  if (frame.length < HEADER_BYTES || frame.readUInt32LE(0) !== MAGIC) throw new RangeError('not an LZ4 frame');
  const flags = frame.readUInt8(FLAGS_AT);
  const checksumBytes = flags & BLOCK_CHECKSUM_FLAG ? CHECKSUM_BYTES : 0;
  let at = HEADER_BYTES + (flags & CONTENT_SIZE_FLAG ? 8 : 0) + (flags & DICTIONARY_FLAG ? 4 : 0);
  let total = 0;
  while (total <= limit) {
    if (at + 4 > frame.length) throw new RangeError('truncated LZ4 frame');
    const header = frame.readUInt32LE(at);
    if (header === 0) return total;
    const isPlain = header >= UNCOMPRESSED_BIT;
    const size = isPlain ? header - UNCOMPRESSED_BIT : header;
    const from = at + 4;
    at = from + size;
    if (at > frame.length) throw new RangeError('truncated LZ4 block');
    total += isPlain ? size : blockLength(frame.subarray(from, at), limit);
    at += checksumBytes;
  }
  return total;
}

/** Adds up the sequences of a block: each has literals, and all but the last have a match that repeats earlier bytes. */
function blockLength(block: Buffer, limit: number): number {
  let at = 0;
  let total = 0;
  const readLength = (short: number): number => {
    let length = short;
    if (short < LONG) return length;
    let byte = MORE;
    while (byte === MORE) {
      if (at >= block.length) throw new RangeError('LZ4 block ends inside a length');
      byte = block.readUInt8(at++);
      length += byte;
    }
    return length;
  };
  while (at < block.length && total <= limit) {
    const token = block.readUInt8(at++);
    const literals = readLength(token >>> 4);
    at += literals;
    total += literals;
    if (at >= block.length) break;
    at += OFFSET_BYTES;
    total += readLength(token & LONG) + MIN_MATCH;
  }
  return total;
}
