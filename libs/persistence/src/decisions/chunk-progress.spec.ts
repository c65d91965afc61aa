import { buildSignal } from '@tripline/testing';

import { countChunk, type LockedProgress, progressRow } from './chunk-progress';
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
const none = new Set<bigint>();

describe('counting a chunk', () => {
  it('counts only records from next_off on', () => {
    const chunk = chunkOf([4n, 5n, 6n], 7n);
    expect(countChunk(chunk, at(6n), new Set([4n, 6n]), none)).toEqual({
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
    expect(progressRow(chunk, at(5n), countChunk(chunk, at(5n), none, none))).toEqual([]);
    expect(progressRow(chunk, at(0n, 1), countChunk(chunk, at(0n, 1), none, none))).toEqual([]);
  });

  it('tells how many offsets were passed over: gaps, transaction markers', () => {
    const chunk = chunkOf([12n, 14n], 20n);
    expect(progressRow(chunk, at(10n), countChunk(chunk, at(10n), none, none))).toMatchObject([
      { next_off: '20', valid: 2, skipped: '8' },
    ]);
    const firstEver: LockedProgress = { epoch: 0, nextOffset: 0n, previousNextOffset: null };
    expect(progressRow(chunk, firstEver, countChunk(chunk, firstEver, none, none))).toMatchObject([{ skipped: '6' }]);
  });
});
