import fc from 'fast-check';

import { chunksOf } from './chunks';

const record = (bytes: number) => ({ key: null, value: Buffer.alloc(bytes) });
const sizes = (bytes: number[], limits: { maxRecords: number; maxBytes: number }) =>
  [...chunksOf(bytes.map(record), limits)].map((chunk) => chunk.map(({ value }) => value.length));

describe('chunksOf', () => {
  it('cuts by record count', () => {
    expect(sizes([1, 1, 1, 1, 1], { maxRecords: 2, maxBytes: 100 })).toEqual([[1, 1], [1, 1], [1]]);
  });

  it('cuts by the bytes of key and value', () => {
    expect(sizes([60, 40, 1], { maxRecords: 10, maxBytes: 100 })).toEqual([[60, 40], [1]]);
    const keyed = [
      { key: Buffer.alloc(60), value: null },
      { key: Buffer.alloc(60), value: null },
    ];
    expect([...chunksOf(keyed, { maxRecords: 10, maxBytes: 100 })]).toHaveLength(2);
  });

  it('gives a record larger than the limit a chunk of its own', () => {
    expect(sizes([10, 500, 10], { maxRecords: 10, maxBytes: 100 })).toEqual([[10], [500], [10]]);
  });

  it('loses, doubles and reorders nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 300 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 400 }),
        (bytes, maxRecords, maxBytes) => {
          const chunks = sizes(bytes, { maxRecords, maxBytes });
          expect(chunks.flat()).toEqual(bytes);
          for (const chunk of chunks) {
            expect(chunk.length).toBeGreaterThan(0);
            expect(chunk.length).toBeLessThanOrEqual(maxRecords);
            const total = chunk.reduce((sum, size) => sum + size, 0);
            expect(chunk.length === 1 || total <= maxBytes).toBe(true);
          }
        },
      ),
    );
  });
});
