import { constants, gzipSync, zstdCompressSync } from 'node:zlib';

import fc from 'fast-check';
import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import { compressFrame } from 'lz4-napi';
import { compressSync } from 'snappy';

import { gzipCodec, lz4Codec, registerCodecs, snappyCodec, zstdCodec } from './register-codecs';
import { snappyBlocks, toXerialFrame } from './snappy-framing';
import { MAX_UNPACKED_BYTES, UnpackedTooLargeError } from './unpack-limit';

describe('codecs', () => {
  it.each([
    ['gzip', gzipCodec],
    ['snappy', snappyCodec],
    ['lz4', lz4Codec],
    ['zstd', zstdCodec],
  ])('%s decompresses what it compressed', async (_name, codec) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), async (bytes) => {
        const buffer = Buffer.from(bytes);
        expect(await codec.decompress(await codec.compress({ buffer }))).toEqual(buffer);
      }),
      { numRuns: 50 },
    );
  });

  it('decompresses bare snappy as written by librdkafka', async () => {
    expect(String(await snappyCodec.decompress(compressSync('bare')))).toBe('bare');
  });

  it('decompresses several xerial blocks as written by Java clients', async () => {
    const two = Buffer.concat([toXerialFrame(compressSync('one ')), toXerialFrame(compressSync('two')).subarray(16)]);
    expect(snappyBlocks(two)).toHaveLength(2);
    expect(String(await snappyCodec.decompress(two))).toBe('one two');
  });

  it('rejects a truncated xerial frame', () => {
    expect(() => snappyBlocks(toXerialFrame(compressSync('x'.repeat(100))).subarray(0, 25))).toThrow(RangeError);
  });

  it('registers every codec with kafkajs', () => {
    registerCodecs();
    expect(CompressionCodecs[CompressionTypes.GZIP]()).toBe(gzipCodec);
    for (const type of [CompressionTypes.Snappy, CompressionTypes.LZ4, CompressionTypes.ZSTD] as const) {
      expect(CompressionCodecs[type]()).toHaveProperty('decompress');
    }
  });
});

describe('a decompression bomb', () => {
  const over = Buffer.alloc(MAX_UNPACKED_BYTES + 1);
  const inBlocks = Buffer.concat(
    Array.from({ length: 17 }, (_, index) => toXerialFrame(compressSync(Buffer.alloc(1 << 20))).subarray(index && 16)),
  );
  const bombs: readonly (readonly [string, { decompress(payload: Buffer): Promise<Buffer> }, () => Promise<Buffer>])[] =
    [
      ['gzip', gzipCodec, () => Promise.resolve(gzipSync(over))],
      [
        'gzip in several members',
        gzipCodec,
        () => Promise.resolve(Buffer.concat([1, 2, 3].map(() => gzipSync(over.subarray(1 << 23))))),
      ],
      ['bare snappy', snappyCodec, () => Promise.resolve(compressSync(over))],
      ['snappy in xerial blocks', snappyCodec, () => Promise.resolve(inBlocks)],
      [
        'snappy that claims four gibibytes',
        snappyCodec,
        () => Promise.resolve(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0])),
      ],
      ['lz4', lz4Codec, () => compressFrame(over)],
      ['zstd', zstdCodec, () => Promise.resolve(zstdCompressSync(over))],
      [
        'zstd without a content size',
        zstdCodec,
        () => Promise.resolve(zstdCompressSync(over, { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } })),
      ],
    ];

  it.each(bombs)('of %s is rejected before the memory is used', async (_name, codec, pack) => {
    const payload = await pack();
    expect(payload.length).toBeLessThan(MAX_UNPACKED_BYTES / 15);
    const before = process.memoryUsage.rss();
    await expect(codec.decompress(payload)).rejects.toBeInstanceOf(UnpackedTooLargeError);
    expect(process.memoryUsage.rss() - before).toBeLessThan(4 * MAX_UNPACKED_BYTES);
  });

  it.each([
    ['gzip', gzipCodec],
    ['snappy', snappyCodec],
    ['lz4', lz4Codec],
    ['zstd', zstdCodec],
  ])('is not suspected when %s decompresses to exactly the limit', async (_name, codec) => {
    const packed = await codec.compress({ buffer: over.subarray(1) });
    expect(await codec.decompress(packed)).toHaveLength(MAX_UNPACKED_BYTES);
  });
});
