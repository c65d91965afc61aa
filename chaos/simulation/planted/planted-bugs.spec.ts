import { runSimulation } from '../simulate';
import { PLANTED_BUGS, WALL_WITHOUT_LOCKS } from './planted-bugs';

/** A bug must show within so many seeds; most show in the first few. The system itself passes all of them. */
const SEEDS = 300;

describe('a planted bug is found:', () => {
  it.each(PLANTED_BUGS.map((bug) => [bug.name, bug] as const))(
    '%s',
    async (name, { wiring, foundBy }) => {
      const report = await runSimulation({ seeds: SEEDS, maxFailures: 1, wiring });
      const [failure] = report.failures;
      process.stderr.write(`planted: ${name}: seed ${failure?.seed}, ${failure?.checks.join(' ')}\n`);
      expect(failure).toBeDefined();
      expect(foundBy.some((check) => failure?.checks.includes(check))).toBe(true);
    },
    5 * 60_000,
  );
});

describe('the walls', () => {
  it('hold without the locks of the deciding transaction', async () => {
    const { failures } = await runSimulation({ seeds: 100, wiring: WALL_WITHOUT_LOCKS });
    expect(failures).toEqual([]);
  }, 300_000);
});
