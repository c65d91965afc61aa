import { lastErrorOf } from './last-error';

describe('lastErrorOf', () => {
  it('returns the newest error of a JSON log, even when other lines follow', () => {
    const log = [
      '{"level":"error","message":"an older one"}',
      '{"level":"fatal","message":"service failed to start","error_message":"connect ECONNREFUSED 127.0.0.1:1"}',
      '{"level":"info","message":"stopped"}',
      '',
    ].join('\n');
    expect(lastErrorOf(log)).toBe('service failed to start: connect ECONNREFUSED 127.0.0.1:1');
  });

  it('returns the message of an uncaught error, not a line of its stack', () => {
    const log =
      '/app/main.js:3\n  throw new TypeError("x");\n  ^\n\nTypeError: x is not a function\n    at f (main.js:3:4)\n\nNode.js v24.21.0\n';
    expect(lastErrorOf(log)).toBe('TypeError: x is not a function');
  });

  it('returns the last line of plain text', () => {
    expect(lastErrorOf('invalid configuration:\n  API_PORT: must be a number\n')).toBe('API_PORT: must be a number');
  });

  it('tolerates a truncated line', () => {
    expect(lastErrorOf('{"level":"error","message":"disk full"}\n{"level":"error","mess')).toBe('disk full');
  });

  it('returns undefined when there is no error', () => {
    expect(lastErrorOf('')).toBeUndefined();
    expect(lastErrorOf('{"level":"info","message":"started"}\n')).toBeUndefined();
  });
});
