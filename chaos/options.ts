import { FAILPOINTS } from '@tripline/failpoints';

import { DOSES, type Doses, type FaultId, FAULTS } from './faults/matrix';

/** The request of an `npm run chaos` command line. */
export interface ChaosRequest {
  readonly kind: 'run' | 'list' | 'help' | 'replay';
  /** Name of the table that the doses come from. */
  readonly dose: 'faults' | 'pr' | 'nightly';
  readonly doses: Doses;
  readonly seed: number;
  /** Name of the command's servers and folders; two commands with the same name cannot run at once. */
  readonly name: string;
  /** Write the table into docs/reliability.md. */
  readonly write: boolean;
}

export class UsageError extends Error {}

export const USAGE = `npm run chaos -- [--faults N] [--dose pr|nightly] [--only F1,F5] [--seed S] [--write] [--name NAME]
                 [--sim-seed S] [--list] [--help]

Runs the whole system as real processes under load, injects faults, waits until all work has finished, and checks every record by id.

  --faults N      inject N quick faults: kills, failpoints, double faults, zombies, server faults (default 40)
  --dose NAME     use the doses of the fault matrix: pr (a few minutes) or nightly (about an hour on two cores)
  --only LIST     run only these rows of the matrix; with --faults, N of each
  --seed S        choose moments, failpoints and load (default 1); the timing of the machine is not reproduced
  --name NAME     name the folder below .local/chaos and the servers (default: the dose)
  --sim-seed S    replay one simulated seed and print every event
  --write         write the results into docs/reliability.md (needs --dose)
--list          list the rows of the matrix and their doses

The last line is one JSON object; the exit code is 0 only if lost, doubled and stuck are 0.`;

/** Kinds of faults that \`--faults N\` uses, with their shares of N. */
const QUICK: readonly (readonly [FaultId, number])[] = [
  ['F1', 0.45],
  ['F2', 0.3],
  ['F3', 0.1],
  ['F6', 0.05],
  ['F9', 0.05],
  ['F11', 0.025],
  ['F5', 0.025],
];

const NUMBER = /^[1-9]\d{0,8}$/;

/** Parses the arguments. @throws UsageError with a one-line explanation */
export function parseArguments(args: readonly string[]): ChaosRequest {
  let faults = 40;
  let seed = 1;
  let dose: 'pr' | 'nightly' | null = null;
  let only: readonly FaultId[] | null = null;
  let write = false;
  let runName: string | null = null;
  let kind: ChaosRequest['kind'] = 'run';
  for (let at = 0; at < args.length; at += 1) {
    const [name = '', inline] = (args[at] ?? '').split('=', 2);
    const value = (): string => {
      const text = inline ?? args[(at += 1)];
      if (text === undefined) throw new UsageError(`${name} needs a value`);
      return text;
    };
    switch (name) {
      case '--faults':
        faults = numberOf(name, value());
        break;
      case '--seed':
        seed = numberOf(name, value());
        break;
      case '--dose':
        dose = doseOf(value());
        break;
      case '--only':
        only = rowsOf(value());
        break;
      case '--name':
        runName = nameOf(value());
        break;
      case '--write':
        write = true;
        break;
      case '--sim-seed':
        seed = numberOf(name, value());
        kind = 'replay';
        break;
      case '--list':
        kind = 'list';
        break;
      case '--help':
      case '-h':
        kind = 'help';
        break;
      default:
        throw new UsageError(`unknown option ${name}`);
    }
  }
  if (write && dose === null) throw new UsageError('--write needs --dose');
  const doses = dose === null ? dealt(faults, only) : chosen(DOSES[dose], only);
  return { kind, dose: dose ?? 'faults', doses, seed, write, name: runName ?? dose ?? 'faults' };
}

function numberOf(name: string, text: string): number {
  if (!NUMBER.test(text)) throw new UsageError(`${name} must be a whole number above 0`);
  return Number(text);
}

function nameOf(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,39}$/.test(text)) return text;
  throw new UsageError('--name must be lower-case letters, digits and dashes');
}

function doseOf(text: string): 'pr' | 'nightly' {
  if (text === 'pr' || text === 'nightly') return text;
  throw new UsageError('--dose must be pr or nightly');
}

function rowsOf(text: string): readonly FaultId[] {
  return text.split(',').map((row) => {
    if (Object.hasOwn(FAULTS, row)) return row as FaultId;
    throw new UsageError(`${row} is not a row of the matrix; --list shows the rows`);
  });
}

function chosen(doses: Doses, only: readonly FaultId[] | null): Doses {
  const total = doses.F2 === undefined ? doses : { ...doses, F2: doses.F2 * FAILPOINTS.length };
  if (only === null) return total;
  return Object.fromEntries(only.map((row) => [row, total[row] ?? 0]));
}

/** Splits N faults over the kinds, at least one each while they last; the remainder are kills. */
function dealt(faults: number, only: readonly FaultId[] | null): Doses {
  if (only !== null) return Object.fromEntries(only.map((row) => [row, faults]));
  const doses: Partial<Record<FaultId, number>> = {};
  let left = faults;
  for (const [row, share] of QUICK.slice(1)) {
    const count = Math.min(left, Math.max(1, Math.round(faults * share)));
    if (count > 0) doses[row] = count;
    left -= count;
  }
  return left > 0 ? { F1: left, ...doses } : doses;
}
