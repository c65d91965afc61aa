import { parseReplayArguments } from './replay-arguments';

const NOW = Date.UTC(2026, 0, 2);
const FROM = Date.UTC(2026, 0, 1);
const parse = (line: string) => parseReplayArguments(line.split(' ').filter(Boolean), NOW);

describe('the arguments of replay', () => {
  it.each(['2026-01-01T00:00:00Z', '2026-01-01T01:00+01:00', String(FROM / 1000), String(FROM)])(
    'take %s for the same instant',
    (text) => {
      expect(parse(`--from ${text}`)).toEqual({
        kind: 'run',
        request: { fromMs: FROM, toMs: null, isDryRun: false, partitionsAtOnce: 4 },
      });
    },
  );

  it('take an end, a dry run and a number of partitions', () => {
    expect(parse(`--from ${FROM} --to ${NOW} --dry-run --partitions 2`)).toEqual({
      kind: 'run',
      request: { fromMs: FROM, toMs: NOW, isDryRun: true, partitionsAtOnce: 2 },
    });
    expect(parse('--help')).toEqual({ kind: 'help' });
  });

  it.each([
    '',
    '--from yesterday',
    '--from 2026-01-01T00:00:00',
    '--from 2026-13-01T00:00:00Z',
    '--from 2027-01-01T00:00:00Z',
    `--from ${FROM} --to ${FROM}`,
    `--from ${FROM} --to soon`,
    `--from ${FROM} --partitions 0`,
    `--from ${FROM} --force`,
    `--from ${FROM} extra`,
  ])('refuse "%s"', (line) => {
    expect(parse(line).kind).toBe('wrong');
  });
});
