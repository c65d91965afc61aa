import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';

import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import { compressFrame, decompressFrame } from 'lz4-napi';
import { compress as snappyCompress, uncompress as snappyUncompress } from 'snappy';

import { snappyBlocks, toXerialFrame } from './snappy-framing';

interface Codec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>;
  decompress(payload: Buffer): Promise<Buffer>;
}

const zstdCompressAsync = promisify(zstdCompress);
const zstdDecompressAsync = promisify(zstdDecompress);

/** One batch never unpacks to more than this, so that a compressed bomb cannot fill the process. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

export const snappyCodec: Codec = {
  compress: async (encoder) => toXerialFrame(await snappyCompress(encoder.buffer)),
  async decompress(payload) {
    const parts: Buffer[] = [];
    for (const block of snappyBlocks(payload)) {
      const part = await snappyUncompress(block, { asBuffer: true });
      parts.push(Buffer.isBuffer(part) ? part : Buffer.from(part));
    }
    return Buffer.concat(parts);
  },
};

export const lz4Codec: Codec = {
  compress: (encoder) => compressFrame(encoder.buffer),
  decompress: (payload) => decompressFrame(payload),
};

export const zstdCodec: Codec = {
  compress: (encoder) => zstdCompressAsync(encoder.buffer),
  decompress: (payload) => zstdDecompressAsync(payload, { maxOutputLength: MAX_UNPACKED_BYTES }),
};

/**
 * Teaches kafkajs snappy, lz4 and zstd (it has gzip). Without them one batch that a foreign producer compressed
 * stops the partition for good: the consumer crashes on it after every restart. Safe to call again.
 */
export function registerCodecs(): void {
  CompressionCodecs[CompressionTypes.Snappy] = () => snappyCodec;
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4Codec;
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstdCodec;
}
