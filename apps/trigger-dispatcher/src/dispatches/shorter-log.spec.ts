import { LogShorterError } from '@tripline/database';
import type { ChunkResult, DecisionChunk } from '@tripline/decision-store';

import { decideShorterLogs } from './shorter-log';

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

function createHarness(logEnd: bigint, failure: Error = new LogShorterError(0, DECIDED_UP_TO)) {
  const chunks: DecisionChunk[] = [];
  const anew: unknown[] = [];
  const { decideChunk } = decideShorterLogs({
    decisions: {
      decideChunk: (chunk) => {
        chunks.push(chunk);
        return chunk.highWatermark === undefined ? Promise.resolve(RESULT) : Promise.reject(failure);
      },
    },
    logEnd: () => Promise.resolve(logEnd),
    onTopicMadeAnew: (partition) => anew.push(partition),
  });
  return { decideChunk, chunks, anew };
}

describe('decideShorterLogs', () => {
  it('begins a new epoch when the broker says that the log ends before what was decided', async () => {
    const harness = createHarness(4n);
    await expect(harness.decideChunk(CHUNK)).resolves.toBe(RESULT);
    expect(harness.chunks.at(-1)).toEqual({ ...CHUNK, highWatermark: undefined, epoch: 1 });
    expect(harness.anew).toEqual([{ topic: 't', partition: 2, epoch: 1 }]);
  });

  it('keeps the epoch when only the chunk is old', async () => {
    const harness = createHarness(12n);
    await expect(harness.decideChunk(CHUNK)).resolves.toBe(RESULT);
    expect(harness.chunks.at(-1)).toEqual({ ...CHUNK, highWatermark: undefined });
    expect(harness.anew).toEqual([]);
  });

  it('passes other failures on', async () => {
    const failure = new Error('away');
    await expect(createHarness(0n, failure).decideChunk(CHUNK)).rejects.toBe(failure);
  });
});
