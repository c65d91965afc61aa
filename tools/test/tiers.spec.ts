import { needsServers, parseRequest } from './tiers';

describe('parseRequest', () => {
  it('selects every tier by default', () => {
    expect(parseRequest([])).toEqual({ tiers: ['unit', 'int', 'e2e'], patterns: [], jestArgs: [] });
  });

  it('sorts the tiers by cost', () => {
    expect(parseRequest(['e2e', 'unit']).tiers).toEqual(['unit', 'e2e']);
  });

  it('treats other words as path patterns', () => {
    expect(parseRequest(['int', 'libs/queue'])).toMatchObject({ tiers: ['int'], patterns: ['libs/queue'] });
  });

  it('passes options and everything after them to Jest', () => {
    expect(parseRequest(['unit', '-t', 'a name']).jestArgs).toEqual(['-t', 'a name']);
    expect(parseRequest(['unit', '--', '--verbose']).jestArgs).toEqual(['--verbose']);
  });
});

describe('needsServers', () => {
  it('is false only for unit tests', () => {
    expect(needsServers(['unit'])).toBe(false);
    expect(needsServers(['unit', 'int'])).toBe(true);
  });
});
