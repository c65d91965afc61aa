import fc from 'fast-check';
import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import { compressSync } from 'snappy';

import { lz4Codec, registerCodecs, snappyCodec, zstdCodec } from './register-codecs';
import { snappyBlocks, toXerialFrame } from './snappy-framing';

describe('codecs', () => {
  it.each([
    ['snappy', snappyCodec],
    ['lz4', lz4Codec],
    ['zstd', zstdCodec],
  ])('%s unpacks what it packed', async (_name, codec) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), async (bytes) => {
        const buffer = Buffer.from(bytes);
        expect(await codec.decompress(await codec.compress({ buffer }))).toEqual(buffer);
      }),
      { numRuns: 50 },
    );
  });

  it('unpacks bare snappy, as librdkafka writes it', async () => {
    expect(String(await snappyCodec.decompress(compressSync('bare')))).toBe('bare');
  });

  it('unpacks several xerial blocks, as Java clients write large batches', async () => {
    const two = Buffer.concat([toXerialFrame(compressSync('one ')), toXerialFrame(compressSync('two')).subarray(16)]);
    expect(snappyBlocks(two)).toHaveLength(2);
    expect(String(await snappyCodec.decompress(two))).toBe('one two');
  });

  it('refuses a xerial frame that is cut short', () => {
    expect(() => snappyBlocks(toXerialFrame(compressSync('x'.repeat(100))).subarray(0, 25))).toThrow(RangeError);
  });

  it('teaches kafkajs all of them', () => {
    registerCodecs();
    for (const type of [CompressionTypes.Snappy, CompressionTypes.LZ4, CompressionTypes.ZSTD] as const) {
      expect(CompressionCodecs[type]()).toHaveProperty('decompress');
    }
  });
});
