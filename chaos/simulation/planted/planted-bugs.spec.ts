import { runSimulation, type SeedFailure } from '../simulate';
import { PLANTED_BUGS, WALL_WITHOUT_LOCKS } from './planted-bugs';

/** A bug must be found within this many seeds; most are found in the first few. The unmodified system passes all of them. */
const SEEDS = 300;

describe('the simulation finds the planted bug:', () => {
  it.each(PLANTED_BUGS.map((bug) => [bug.name, bug] as const))(
    '%s',
    async (name, { wiring, foundBy }) => {
      const isFound = ({ checks }: SeedFailure): boolean => foundBy.some((check) => checks.includes(check));
      const { failures } = await runSimulation({ seeds: SEEDS, stopWhen: isFound, wiring });
      const found = failures.find(isFound);
      process.stderr.write(`planted: ${name}: seed ${found?.seed}, ${found?.checks.join(' ')}\n`);
      expect(found).toBeDefined();
    },
    5 * 60_000,
  );
});

describe('the unique index', () => {
  it('prevents duplicate slots without the locks of the deciding transaction', async () => {
    const { failures } = await runSimulation({ seeds: 100, wiring: WALL_WITHOUT_LOCKS });
    expect(failures).toEqual([]);
  }, 300_000);
});
