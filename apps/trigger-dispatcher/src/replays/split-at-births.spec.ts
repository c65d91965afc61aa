import type { IncomingChunk } from '@tripline/messaging';

import { splitAtBirths } from './split-at-births';

const batchOf = (times: readonly number[]): IncomingChunk => ({
  topic: 't',
  partition: 0,
  highWatermark: 99n,
  messages: times.map((timestampMs, index) => ({
    offset: BigInt(index),
    key: null,
    value: null,
    headers: {},
    timestampMs,
  })),
  heartbeat: () => Promise.resolve(),
  isRunning: () => true,
});

async function split(times: readonly number[], births: Record<string, number>) {
  const parts: [number[], string[]][] = [];
  await splitAtBirths(batchOf(times), new Map(Object.entries(births)), (part, existedAt) => {
    parts.push([part.messages.map(({ timestampMs }) => timestampMs), Object.keys(births).filter(existedAt)]);
    return Promise.resolve();
  });
  return parts;
}

describe('splitAtBirths', () => {
  it('matches each record with the pipelines that existed when it was appended', async () => {
    expect(await split([1, 5, 6, 9], { old: 0, a: 5, b: 7, unborn: 50 })).toEqual([
      [[1], ['old']],
      [
        [5, 6],
        ['old', 'a'],
      ],
      [[9], ['old', 'a', 'b']],
    ]);
  });

  it('keeps a batch whole when no pipeline was created meanwhile', async () => {
    expect(await split([1, 2, 3], { old: 0 })).toEqual([[[1, 2, 3], ['old']]]);
    expect(await split([], { old: 0 })).toEqual([]);
  });

  it('handles append times that go backwards', async () => {
    expect(await split([9, 3, 9], { a: 5 })).toEqual([
      [[9], ['a']],
      [[3], []],
      [[9], ['a']],
    ]);
  });
});
