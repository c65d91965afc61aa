import { parseReplayArguments } from './replay-arguments';

const NOW = Date.UTC(2026, 0, 2);
const FROM = Date.UTC(2026, 0, 1);
const parse = (line: string) => parseReplayArguments(line.split(' ').filter(Boolean), NOW);

describe('replay arguments', () => {
  it.each(['2026-01-01T00:00:00Z', '2026-01-01T01:00+01:00', String(FROM / 1000), String(FROM)])(
    'accept %s as the same instant',
    (text) => {
      expect(parse(`--from ${text}`)).toEqual({
        kind: 'run',
        request: { fromMs: FROM, toMs: null, isDryRun: false, partitionsAtOnce: 4 },
      });
    },
  );

  it('accept an end time, a dry run and a number of partitions', () => {
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
  ])('reject "%s"', (line) => {
    expect(parse(line).kind).toBe('wrong');
  });
});
