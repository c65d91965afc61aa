import { buildSignal } from '@tripline/testing';

import { countChunk, type LockedProgress, progressOf } from './chunk-progress';
import type { DecisionChunk } from './decision-records';

const chunkOf = (offsets: readonly bigint[], nextOffset: bigint, epoch = 0): DecisionChunk => ({
  topic: 't',
  partition: 3,
  epoch,
  nextOffset,
  records: offsets.map((offset) => ({ offset, appendedAtMs: 0, signal: buildSignal(), matches: [] })),
  deadSignals: [],
});
const at = (nextOffset: bigint, epoch = 0): LockedProgress => ({ epoch, nextOffset, previousNextOffset: nextOffset });
const NONE = new Uint8Array(8);

describe('counting a chunk', () => {
  it('counts only records from next_off on', () => {
    const chunk = chunkOf([4n, 5n, 6n], 7n);
    expect(countChunk(chunk, at(6n), Uint8Array.of(1, 0, 1))).toEqual({
      records: 1,
      valid: 1,
      dead: 0,
      matched: 1,
      unmatched: 0,
      duplicates: 1,
    });
  });

  it('writes nothing for a chunk behind the progress or of an older epoch', () => {
    const chunk = chunkOf([4n], 5n);
    expect(progressOf(chunk, at(5n), countChunk(chunk, at(5n), NONE))).toBeNull();
    expect(progressOf(chunk, at(0n, 1), countChunk(chunk, at(0n, 1), NONE))).toBeNull();
  });

  it('counts skipped offsets: gaps and transaction markers', () => {
    const chunk = chunkOf([12n, 14n], 20n);
    expect(progressOf(chunk, at(10n), countChunk(chunk, at(10n), NONE))).toMatchObject({
      nextOffset: 20n,
      counted: { valid: 2 },
      skipped: 8n,
    });
    const firstEver: LockedProgress = { epoch: 0, nextOffset: 0n, previousNextOffset: null };
    expect(progressOf(chunk, firstEver, countChunk(chunk, firstEver, NONE))).toMatchObject({ skipped: 6n });
  });
});
