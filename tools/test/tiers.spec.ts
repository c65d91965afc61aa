import { needsServers, parseRequest } from './tiers';

describe('parseRequest', () => {
  it('means every tier when none is named', () => {
    expect(parseRequest([])).toEqual({ tiers: ['unit', 'int', 'e2e'], patterns: [], jestArgs: [] });
  });

  it('keeps the order of cost whatever order the tiers are named in', () => {
    expect(parseRequest(['e2e', 'unit']).tiers).toEqual(['unit', 'e2e']);
  });

  it('takes other words as path patterns', () => {
    expect(parseRequest(['int', 'libs/queue'])).toMatchObject({ tiers: ['int'], patterns: ['libs/queue'] });
  });

  it('hands options and what follows them to Jest', () => {
    expect(parseRequest(['unit', '-t', 'a name']).jestArgs).toEqual(['-t', 'a name']);
    expect(parseRequest(['unit', '--', '--verbose']).jestArgs).toEqual(['--verbose']);
  });
});

describe('needsServers', () => {
  it('is false for unit tests alone', () => {
    expect(needsServers(['unit'])).toBe(false);
    expect(needsServers(['unit', 'int'])).toBe(true);
  });
});
