import { readArguments } from './arguments';

describe('arguments of npm start', () => {
  it('reads flags and speed in any order', () => {
    expect(readArguments(['--speed', '1000', '--once'])).toEqual({
      help: false,
      once: true,
      fresh: false,
      speed: '1000',
    });
    expect(readArguments(['--fresh', '--speed=max'])).toMatchObject({ fresh: true, speed: 'max' });
    expect(readArguments([])).toEqual({ help: false, once: false, fresh: false, speed: undefined });
  });

  it.each(['0', '-1', 'abc', '', 'Infinity'])('rejects the speed %j', (text) => {
    expect(() => readArguments(['--speed', text])).toThrow(
      `--speed must be max, realtime or a number greater than 0, not ${JSON.stringify(text)}`,
    );
  });

  it('rejects --speed without a value and unknown options', () => {
    expect(() => readArguments(['--speed'])).toThrow('--speed must be max, realtime or a number greater than 0');
    expect(() => readArguments(['--speed', '--once'])).toThrow('not "--once"');
    expect(() => readArguments(['--onec'])).toThrow('unknown option --onec');
  });
});
