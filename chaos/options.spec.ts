import { parseArguments, UsageError } from './options';

const sum = (doses: Readonly<Record<string, number>>): number => Object.values(doses).reduce((a, b) => a + b, 0);

describe('parseArguments', () => {
  it.each([1, 5, 7, 40, 1000])('assigns exactly %d faults', (faults) => {
    const { doses, seed, dose } = parseArguments(['--faults', String(faults), '--seed', '3']);
    expect({ total: sum(doses), seed, dose }).toEqual({ total: faults, seed: 3, dose: 'faults' });
  });

  it('defaults to forty faults with seed 1', () => {
    expect(parseArguments([])).toMatchObject({ kind: 'run', seed: 1, doses: { F1: expect.any(Number) as number } });
  });

  it('accepts a whole dose or some of its rows', () => {
    expect(parseArguments(['--dose', 'nightly']).doses).toMatchObject({ F1: 200, F2: 25 * 19, F3: 100, F23: 10_000 });
    expect(parseArguments(['--dose=nightly', '--only', 'F1,F5']).doses).toEqual({ F1: 200, F5: 60 });
    expect(parseArguments(['--faults', '3', '--only', 'F6']).doses).toEqual({ F6: 3 });
  });

  it.each([
    [['--dose', 'weekly'], '--dose must be pr or nightly'],
    [['--only', 'F99'], 'F99 is not a row of the matrix; --list shows the rows'],
    [['--faults', '0'], '--faults must be a whole number above 0'],
    [['--faults'], '--faults needs a value'],
    [['--write'], '--write needs --dose'],
    [['--name', '../x'], '--name must be lower-case letters, digits and dashes'],
    [['--frobnicate'], 'unknown option --frobnicate'],
  ])('rejects %j', (args, message) => {
    expect(() => parseArguments(args)).toThrow(new UsageError(message));
  });
});
