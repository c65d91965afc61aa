import { planReplay } from './replay-range';

const admin = (from: bigint, to: bigint) => ({
  offsets: () => Promise.resolve([{ partition: 0, low: 10n, high: 100n }]),
  offsetsAt: (_topic: string, atMs: number) => Promise.resolve([{ partition: 0, offset: atMs === 1 ? from : to }]),
});
const plan = async (from: bigint, to: bigint | null, decided: bigint | null) =>
  planReplay(
    't',
    { fromMs: 1, toMs: to === null ? null : 2 },
    admin(from, to ?? 0n),
    decided === null ? [] : [{ topic: 't', partition: 0, nextOffset: decided }],
  );

describe('a replay range', () => {
  it.each([
    ['from the start time to the end', 40n, null, 100n, { low: 40n, high: 100n }],
    ['between the two times', 40n, 60n, 100n, { low: 40n, high: 60n }],
    ['the whole log when the start time is before it', 0n, null, 100n, { low: 10n, high: 100n }],
    ['from the start time on a partition without progress', 40n, null, null, { low: 40n, high: 100n }],
    ['empty when no record lies in between', 60n, 60n, 100n, { low: 60n, high: 60n }],
  ])('is %s', async (_, from, to, decided, expected) => {
    const { ranges, records, extended } = await plan(from, to, decided);
    expect(ranges).toEqual([{ partition: 0, ...expected }]);
    expect(records).toBe(expected.high - expected.low);
    expect(extended).toEqual([]);
  });

  it('starts at the partition progress when that is earlier, so no gap is skipped', async () => {
    const { ranges, extended } = await plan(40n, null, 25n);
    expect(ranges).toEqual([{ partition: 0, low: 25n, high: 100n }]);
    expect(extended).toEqual([{ partition: 0, from: 25n }]);
    expect((await plan(40n, null, 3n)).ranges).toEqual([{ partition: 0, low: 10n, high: 100n }]);
    expect((await plan(40n, 60n, 70n)).extended).toEqual([]);
  });
});
