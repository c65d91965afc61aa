import { createOptions, parseCall, UsageError } from './arguments';

describe('a bench command line', () => {
  it('accepts a name and options in both spellings', () => {
    const { name, values } = parseCall(['decode', '--runs', '3', '--signals=100_000', '--write']);
    expect(name).toBe('decode');
    expect([...values]).toEqual([
      ['runs', '3'],
      ['signals', '100_000'],
      ['write', 'yes'],
    ]);
    expect(createOptions(values, ['runs', 'signals', 'write']).number('signals', 1)).toBe(100_000);
  });

  it('requests the list when there is no name', () => {
    expect(parseCall([]).name).toBeUndefined();
  });

  it('rejects a second name, an unknown option and an invalid number', () => {
    expect(() => parseCall(['one', 'two'])).toThrow(UsageError);
    expect(() => createOptions(new Map([['runz', '3']]), ['runs'])).toThrow('unknown option --runz');
    const options = createOptions(new Map([['runs', 'many']]), ['runs']);
    expect(() => options.runs(1)).toThrow('--runs must be a positive number');
  });
});
