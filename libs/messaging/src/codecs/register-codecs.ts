import { promisify } from 'node:util';
import { gzip, unzip, zstdCompress, zstdDecompress } from 'node:zlib';

import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import { compressFrame, decompressFrame } from 'lz4-napi';
import { compress as snappyCompress, uncompress as snappyUncompress } from 'snappy';

import { lz4UnpackedLength, MAX_LZ4_RATIO } from './lz4-length';
import { snappyBlocks, snappyUnpackedLength, toXerialFrame } from './snappy-framing';
import { MAX_UNPACKED_BYTES, UnpackedTooLargeError } from './unpack-limit';

interface Codec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>;
  decompress(payload: Buffer): Promise<Buffer>;
}

const gzipAsync = promisify(gzip);
const unzipAsync = promisify(unzip);
const zstdCompressAsync = promisify(zstdCompress);
const zstdDecompressAsync = promisify(zstdDecompress);

/** The error code of zlib when the output exceeds `maxOutputLength`. */
const OUTPUT_TOO_LARGE = 'ERR_BUFFER_TOO_LARGE';
const LIMIT = { maxOutputLength: MAX_UNPACKED_BYTES };

export const gzipCodec: Codec = {
  compress: (encoder) => gzipAsync(encoder.buffer),
  decompress: (payload) => withinLimit('gzip', unzipAsync(payload, LIMIT)),
};

export const snappyCodec: Codec = {
  compress: async (encoder) => toXerialFrame(await snappyCompress(encoder.buffer)),
  async decompress(payload) {
    const blocks = snappyBlocks(payload);
    const length = blocks.reduce((total, block) => total + snappyUnpackedLength(block), 0);
    if (length > MAX_UNPACKED_BYTES) throw new UnpackedTooLargeError('snappy');
    const parts: Buffer[] = [];
    for (const block of blocks) {
      const part = await snappyUncompress(block, { asBuffer: true });
      parts.push(Buffer.isBuffer(part) ? part : Buffer.from(part));
    }
    return Buffer.concat(parts);
  },
};

export const lz4Codec: Codec = {
  compress: (encoder) => compressFrame(encoder.buffer),
  async decompress(payload) {
    const isSmall = payload.length * MAX_LZ4_RATIO <= MAX_UNPACKED_BYTES;
    if (!isSmall && lz4UnpackedLength(payload, MAX_UNPACKED_BYTES) > MAX_UNPACKED_BYTES) {
      throw new UnpackedTooLargeError('lz4');
    }
    return decompressFrame(payload);
  },
};

export const zstdCodec: Codec = {
  compress: (encoder) => zstdCompressAsync(encoder.buffer),
  decompress: (payload) => withinLimit('zstd', zstdDecompressAsync(payload, LIMIT)),
};

async function withinLimit(codec: string, unpacking: Promise<Buffer>): Promise<Buffer> {
  try {
    return await unpacking;
  } catch (error) {
    const isTooLarge =
      typeof error === 'object' && error !== null && 'code' in error && error.code === OUTPUT_TOO_LARGE;
    throw isTooLarge ? new UnpackedTooLargeError(codec, { cause: error }) : error;
  }
}

/**
 * Registers snappy, lz4 and zstd with kafkajs, and replaces its gzip, which has no limit. Without the codecs, one batch that
 * another producer compressed stops the partition for good: the consumer crashes on it after every restart. Safe to call again.
 */
export function registerCodecs(): void {
  CompressionCodecs[CompressionTypes.GZIP] = () => gzipCodec;
  CompressionCodecs[CompressionTypes.Snappy] = () => snappyCodec;
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4Codec;
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstdCodec;
}
