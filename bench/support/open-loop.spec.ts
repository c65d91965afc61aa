import { countDue, dueMs, runOpenLoop } from './open-loop';

describe('the open loop', () => {
  it('counts the events that are due, with the first due at once', () => {
    expect(countDue(-1, 1_000)).toBe(0);
    expect(countDue(0, 1_000)).toBe(1);
    expect(countDue(9.9, 100)).toBe(1);
    expect(countDue(10, 100)).toBe(2);
    expect(dueMs(250, 1_000)).toBe(250);
  });

  it('sends every event once, on time, and catches up after a stall of the sender', async () => {
    let now = 5_000;
    const sent: { from: number; to: number; at: number }[] = [];
    const result = await runOpenLoop({
      ratePerSecond: 100,
      seconds: 1,
      send: (from, to) => sent.push({ from, to, at: now - 5_000 }),
      clock: {
        now: () => now,
        wait: async () => {
          // Blocks for 300 ms half way through.
          now += now - 5_000 === 500 ? 300 : 1;
        },
      },
    });
    expect(result).toEqual({ startedAt: 5_000, count: 100 });
    expect(sent.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, step) => from + step))).toEqual(
      Array.from({ length: 100 }, (_, index) => index),
    );
    const late = sent.find(({ to, from }) => to - from > 1);
    expect(late).toEqual({ from: 51, to: 81, at: 800 });
    // The latency of events delayed by the stall counts from their scheduled times.
    expect(late!.at - dueMs(51, 100)).toBe(290);
  });
});
