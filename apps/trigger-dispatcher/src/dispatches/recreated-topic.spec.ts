import { LogTruncatedError } from '@tripline/database';
import type { ChunkResult, DecisionChunk } from '@tripline/decision-store';

import { createDecider } from './recreated-topic';

const DECIDED_UP_TO = 10n;
const RESULT = { decisions: [], created: [], previousNextOffset: null } as unknown as ChunkResult;
const CHUNK: DecisionChunk = {
  topic: 't',
  partition: 2,
  records: [],
  deadSignals: [],
  nextOffset: 3n,
  highWatermark: 4n,
};

function createHarness(logEnd: bigint, failure: Error = new LogTruncatedError(0, DECIDED_UP_TO)) {
  const chunks: DecisionChunk[] = [];
  const recreated: unknown[] = [];
  const decide = createDecider({
    decisions: {
      decideChunk: (chunk) => {
        chunks.push(chunk);
        return chunk.highWatermark === undefined ? Promise.resolve(RESULT) : Promise.reject(failure);
      },
    },
    logEnd: () => Promise.resolve(logEnd),
    onTopicRecreated: (partition) => recreated.push(partition),
  });
  return { decide, chunks, recreated };
}

describe('createDecider', () => {
  it("starts a new epoch when the broker's log ends before the partition progress", async () => {
    const harness = createHarness(4n);
    await expect(harness.decide(CHUNK)).resolves.toBe(RESULT);
    expect(harness.chunks.at(-1)).toEqual({ ...CHUNK, highWatermark: undefined, epoch: 1 });
    expect(harness.recreated).toEqual([{ topic: 't', partition: 2, epoch: 1 }]);
  });

  it('keeps the epoch when only the chunk is stale', async () => {
    const harness = createHarness(12n);
    await expect(harness.decide(CHUNK)).resolves.toBe(RESULT);
    expect(harness.chunks.at(-1)).toEqual({ ...CHUNK, highWatermark: undefined });
    expect(harness.recreated).toEqual([]);
  });

  it('rethrows other failures', async () => {
    const failure = new Error('away');
    await expect(createHarness(0n, failure).decide(CHUNK)).rejects.toBe(failure);
  });
});
