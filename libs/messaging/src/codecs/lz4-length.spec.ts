import fc from 'fast-check';
import { compressFrame } from 'lz4-napi';

import { lz4UnpackedLength } from './lz4-length';

const NO_LIMIT = Number.MAX_SAFE_INTEGER;

describe('lz4UnpackedLength', () => {
  it('equals the length of the original data', async () => {
    const noise = fc.uint8Array({ maxLength: 3_000 }).map((bytes) => Buffer.from(bytes));
    const repeats = fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 20_000 }))
      .map(([pattern, times]) => Buffer.alloc(pattern.length * times, pattern));
    const options = fc.record({ contentChecksum: fc.boolean(), blockChecksums: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(noise, repeats), { maxLength: 4 }), options, async (parts, checksums) => {
        const bytes = Buffer.concat(parts);
        expect(lz4UnpackedLength(await compressFrame(bytes, checksums), NO_LIMIT)).toBe(bytes.length);
      }),
      { numRuns: 100 },
    );
  });

  it('stops counting beyond the limit', async () => {
    const length = lz4UnpackedLength(await compressFrame(Buffer.alloc(50 << 20)), 1_000);
    expect(length).toBeGreaterThan(1_000);
    expect(length).toBeLessThan(10 << 20);
  });

  it('rejects bytes that are not a frame or a truncated frame', async () => {
    const frame = await compressFrame(Buffer.from('some text, some text, some text'));
    expect(() => lz4UnpackedLength(Buffer.from('not a frame at all'), NO_LIMIT)).toThrow(RangeError);
    for (let length = 0; length < frame.length; length += 1) {
      expect(() => lz4UnpackedLength(frame.subarray(0, length), NO_LIMIT)).toThrow(RangeError);
    }
  });
});
