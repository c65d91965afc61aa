import { Writable } from 'node:stream';

import { createLogger, type LoggerOptions } from './logger';
import { parseLogLevel } from './log-level';

function capture(options: Partial<LoggerOptions> = {}) {
  const text: string[] = [];
  const destination = { write: (line: string) => void text.push(line) };
  const logger = createLogger({ service: 'worker', destination, ...options });
  return { logger, text, lines: () => text.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('createLogger', () => {
  it('writes timestamp, level, service, logger, event and message flat on every line', () => {
    const { logger, lines } = capture();
    logger.child({ logger: 'dispatcher' }).info({ event: 'signal_published', signal_id: 's-1' }, 'signal published');
    expect(lines()[0]).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      level: 'info',
      service: 'worker',
      logger: 'dispatcher',
      event: 'signal_published',
      signal_id: 's-1',
      message: 'signal published',
    });
  });

  it('prints a key once when a child and a line repeat it', () => {
    const { logger, text } = capture();
    logger.child({ pipeline_id: 'a' }).child({ pipeline_id: 'b' }).info({ event: 'x', pipeline_id: 'c' });
    expect(text[0]?.match(/pipeline_id/g)).toHaveLength(1);
    expect(text[0]).toContain('"pipeline_id":"c"');
  });

  it('keeps fields that share a name with the line itself under another name', () => {
    const { logger, lines } = capture();
    logger.info({ event: 'x', timestamp: 5, level: 'mine', message: 'm' }, 'text');
    expect(lines()[0]).toMatchObject({ level: 'info', message: 'text', field_timestamp: 5, field_level: 'mine' });
  });

  it('flattens errors', () => {
    const { logger, lines } = capture();
    const error = Object.assign(new TypeError('no route'), { code: 'E1', cause: new Error('deep') });
    logger.error({ event: 'failed', err: error }, 'failed');
    expect(lines()[0]).toMatchObject({
      error_type: 'TypeError',
      error_message: 'no route',
      error_code: 'E1',
      error_cause: 'Error: deep',
      error_stack: expect.stringContaining('logger.spec'),
    });
  });

  it('redacts sensitive keys at any depth and credentials inside texts', () => {
    const { logger, text } = capture();
    logger.info(
      {
        event: 'x',
        password: 'p-secret-1',
        apiKey: 'p-secret-2',
        config: { DATABASE: { jwt_secret: 'p-secret-3', headers: { Authorization: ['p-secret-4'] } } },
        url: 'postgres://user:p-secret-5@host/db',
        header: 'Bearer p-secret-6-abcdefgh',
        err: new Error('connect redis://:p-secret-7@host'),
      },
      'to redis://u:p-secret-8@host',
    );
    expect(text.join('')).not.toContain('p-secret');
  });

  it('does not redact counts and lease tokens by their name', () => {
    const { logger, lines } = capture();
    logger.info({ event: 'x', tokens: 12, lease_token: '7' });
    expect(lines()[0]).toMatchObject({ tokens: 12, lease_token: '7' });
  });

  it('obeys the level', () => {
    const { logger, text } = capture({ level: 'warn' });
    logger.info({ event: 'x' });
    logger.warn({ event: 'y' });
    expect(text).toHaveLength(1);
    expect(logger.isLevelEnabled('info')).toBe(false);
  });

  it('survives fields that throw, circles, big integers and a broken destination', () => {
    const { logger, lines } = capture();
    const circle: Record<string, unknown> = { offset: 5n };
    circle['self'] = circle;
    logger.info({ event: 'x', circle });
    const trap = Object.defineProperty({ event: 'x' }, 'boom', {
      enumerable: true,
      get: () => {
        throw new Error('boom');
      },
    });
    logger.info(trap);
    expect(lines()[0]).toMatchObject({ circle: { offset: '5', self: '[circular]' } });
    expect(lines()[1]).toMatchObject({ event: 'log_line_lost' });
    const broken = createLogger({
      service: 'worker',
      destination: {
        write: () => {
          throw new Error('disk full');
        },
      },
    });
    expect(() => broken.info({ event: 'x' })).not.toThrow();
  });

  it('writes one readable line in pretty format', async () => {
    const chunks: string[] = [];
    const destination = new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk.toString());
        done();
      },
    });
    createLogger({ service: 'worker', format: 'pretty', destination }).info({ event: 'started', port: 1 }, 'it runs');
    await new Promise((resolve) => setImmediate(resolve));
    expect(chunks.join('')).toMatch(/INFO.*it runs.*started/);
  });
});

describe('parseLogLevel', () => {
  it('accepts any case and the names of other systems', () => {
    expect(['INFO', 'Warning', ' error ', 'CRITICAL'].map(parseLogLevel)).toEqual(['info', 'warn', 'error', 'fatal']);
    expect(parseLogLevel('loud')).toBeUndefined();
  });
});
