import { createOptions, parseCall, UsageError } from './arguments';

describe('the call of a bench', () => {
  it('has a name and options in either spelling', () => {
    const { name, values } = parseCall(['decode', '--runs', '3', '--signals=100_000', '--write']);
    expect(name).toBe('decode');
    expect([...values]).toEqual([
      ['runs', '3'],
      ['signals', '100_000'],
      ['write', 'yes'],
    ]);
    expect(createOptions(values, ['runs', 'signals', 'write']).number('signals', 1)).toBe(100_000);
  });

  it('asks for the list without a name', () => {
    expect(parseCall([]).name).toBeUndefined();
  });

  it('refuses a second name, an unknown option and a number that is none', () => {
    expect(() => parseCall(['one', 'two'])).toThrow(UsageError);
    expect(() => createOptions(new Map([['runz', '3']]), ['runs'])).toThrow('no option --runz');
    const options = createOptions(new Map([['runs', 'many']]), ['runs']);
    expect(() => options.runs(1)).toThrow('--runs must be a positive number');
  });
});
