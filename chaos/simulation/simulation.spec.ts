import { replaySeed, runSimulation } from './simulate';

/** Number of seeds in this test; `npm run chaos` can run more. */
const SEEDS = 1_000;

describe('the simulated system', () => {
  it(
    'loses nothing, doubles nothing and leaves nothing stuck under any fault',
    async () => {
      const report = await runSimulation({ seeds: SEEDS });
      const { seeds, seconds, events, executions, zombieWrites, restMs } = report;
      process.stderr.write(
        `simulation: ${seeds} seeds, ${events} events, ${executions} executions, ${zombieWrites} writes without a lease, ` +
          `all work finished after ${restMs.median / 1000} s (median) and ${restMs.max / 1000} s (maximum); ${seconds.toFixed(1)} s\n`,
      );
      expect(report.failures).toEqual([]);
      expect(report).toMatchObject({ seeds: SEEDS, lost: 0, doubled: 0, stuck: 0, broken: 0 });
      // Proves that the lease fence was exercised.
      expect(zombieWrites).toBeGreaterThan(100);
    },
    15 * 60_000,
  );

  it('repeats every event when given the same seed', async () => {
    const [first, second, other] = [await replaySeed(7), await replaySeed(7), await replaySeed(8)];
    expect(second.hash).toBe(first.hash);
    expect(second.trace).toEqual(first.trace);
    expect(other.hash).not.toBe(first.hash);
  }, 60_000);
});
