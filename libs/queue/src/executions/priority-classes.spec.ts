import { PriorityClasses } from './priority-classes';

const lanes = (ratePerSecond = 10, burst = 3) => new PriorityClasses({ ratePerSecond, burst });
const times = (userId: string, count: number) => Array.from({ length: count }, () => userId);

describe('FairLanes', () => {
  it("puts executions within a user's rate first, and the excess behind", () => {
    const fair = lanes();
    expect(fair.assign(times('a', 5), 0)).toEqual([0, 0, 0, 1, 2]);
    expect(fair.hasTags).toBe(true);
  });

  it("puts another user's single execution ahead of a flood", () => {
    const fair = lanes();
    fair.assign(times('a', 5_000), 0);
    fair.observeHead(1, 10);
    expect(fair.assign(['b'], 10)).toEqual([0]);
  });

  it('interleaves the excess of several users one by one', () => {
    const fair = lanes();
    const flood = fair.assign(times('a', 103), 0).slice(3);
    fair.observeHead(40, 10);
    const other = fair.assign(times('b', 13), 10).slice(3);
    expect(flood.at(-1)).toBe(100);
    expect(other).toEqual([41, 42, 43, 44, 45, 46, 47, 48, 49, 50]);
  });

  it("keeps each user's own order: no execution passes an earlier one of the same user", () => {
    const fair = lanes();
    expect(fair.assign(times('a', 5), 0)).toEqual([0, 0, 0, 1, 2]);
    fair.observeHead(2, 100_000);
    expect(fair.assign(['a'], 100_000)).toEqual([3]);
    fair.observeHead(4, 100_001);
    expect(fair.assign(['a'], 100_001)).toEqual([0]);
  });

  it('restarts its tags when the fair class is empty', () => {
    const fair = lanes();
    fair.assign(times('a', 50), 0);
    fair.observeHead(null, 1_000_000);
    expect(fair.hasTags).toBe(false);
    expect(fair.assign(times('a', 4), 1_000_000)).toEqual([0, 0, 0, 1]);
  });

  it('readmits a user to the express class at the rate', () => {
    const fair = lanes(10, 1);
    expect(fair.assign(['a'], 0)).toEqual([0]);
    expect(fair.assign(['a'], 100)).toEqual([0]);
    expect(fair.assign(['a'], 150)).toEqual([1]);
  });

  it('sends all users to the fair class while express executions starve it', () => {
    const fair = lanes();
    fair.assign(times('a', 10), 0);
    fair.observeHead(1, 0);
    fair.observeHead(1, 1_500);
    expect(fair.assign(['b'], 1_500)).toEqual([2]);
    fair.observeHead(3, 1_600);
    expect(fair.assign(['c'], 1_600)).toEqual([0]);
  });

  it('stays at the last tag when the fair class is never empty', () => {
    const fair = lanes();
    fair.assign(times('a', 4), 0);
    fair.observeHead(2 ** 21 - 2, 0);
    expect(fair.assign(times('a', 2), 0)).toEqual([2 ** 21 - 1, 2 ** 21 - 1]);
    expect(fair.assign(times('b', 5), 0).slice(3)).toEqual([2 ** 21 - 1, 2 ** 21 - 1]);
  });
});
