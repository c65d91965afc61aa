import { createLogger } from '@tripline/telemetry';
import { z } from 'zod';

import { commonConfigFields, commonConfigSchema, toCommonConfig } from './common-config';
import { durationMs, port, secret } from './fields';
import { ConfigError, parseConfig } from './parse-config';

const schema = z.object({
  API_PORT: port(8000),
  JWT_SECRET: secret({ minLength: 16 }),
  MODE: z.enum(['history', 'mock']).default('history'),
  WAIT: durationMs(1_000),
});

function failureOf(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('expected a ConfigError');
}

describe('parseConfig', () => {
  it('applies defaults and freezes deeply', () => {
    const config = parseConfig(commonConfigSchema, {});
    expect(config).toEqual({
      log: { level: 'info', format: 'json' },
      metrics: { port: 8001, host: '0.0.0.0' },
      stopDeadlineMs: 25_000,
      failpoints: { rules: [], evidenceFile: null },
    });
    expect(Object.isFrozen(config.log)).toBe(true);
  });

  it('takes levels and formats in any case', () => {
    const { log } = parseConfig(commonConfigSchema, { LOG_LEVEL: 'WARNING', LOG_FORMAT: 'Pretty' });
    expect(log).toEqual({ level: 'warn', format: 'pretty' });
  });

  it('lets a service spread the common variables into its own schema', () => {
    const own = z.object({ ...commonConfigFields, EXTRA: z.string() }).transform((env) => ({
      ...toCommonConfig(env),
      extra: env.EXTRA,
    }));
    expect(parseConfig(own, { EXTRA: 'x', METRICS_PORT: '0' })).toMatchObject({ extra: 'x', metrics: { port: 0 } });
  });

  it('refuses failpoints that are not allowed explicitly, and those that do not exist', () => {
    const ruleOf = (env: Record<string, string>): string =>
      failureOf(() => parseConfig(commonConfigSchema, env)).issues[0]?.rule ?? '';
    expect(ruleOf({ FAILPOINTS: 'after-decision-commit=exit@3' })).toBe('is refused unless FAILPOINTS_ALLOWED is yes');
    expect(ruleOf({ FAILPOINTS: 'after-lunch=exit', FAILPOINTS_ALLOWED: 'yes' })).toMatch(
      'invalid failpoint "after-lunch=exit"',
    );
    const { failpoints } = parseConfig(commonConfigSchema, {
      FAILPOINTS: 'after-decision-commit=exit@3',
      FAILPOINTS_ALLOWED: 'yes',
    });
    expect(failpoints.rules).toEqual([{ name: 'after-decision-commit', action: { kind: 'exit' }, hit: 3 }]);
  });

  it('refuses failpoints and the permission for them in production', () => {
    const issuesOf = (env: Record<string, string>) =>
      failureOf(() => parseConfig(commonConfigSchema, { NODE_ENV: 'production', ...env })).issues;
    const rule = 'must not be set in production';
    expect(issuesOf({ FAILPOINTS: 'after-decision-commit=exit', FAILPOINTS_ALLOWED: 'yes' })).toEqual([
      { variable: 'FAILPOINTS', rule },
      { variable: 'FAILPOINTS_ALLOWED', rule },
    ]);
    expect(issuesOf({ FAILPOINTS: 'after-decision-commit=exit' })).toEqual([{ variable: 'FAILPOINTS', rule }]);
    expect(issuesOf({ FAILPOINTS_ALLOWED: 'yes' })).toEqual([{ variable: 'FAILPOINTS_ALLOWED', rule }]);
    expect(() => parseConfig(commonConfigSchema, { NODE_ENV: 'production' })).not.toThrow();
  });

  it('treats a blank variable as unset', () => {
    expect(parseConfig(schema, { API_PORT: ' ', JWT_SECRET: 'a-long-enough-secret' }).API_PORT).toBe(8000);
  });

  it('lists every bad variable with its rule at once, and no value', () => {
    const env = { API_PORT: 'eighty-eighty', JWT_SECRET: 'hunter22', MODE: 'turbo-mode', WAIT: 'for-godot' };
    const error = failureOf(() => parseConfig(schema, env));
    expect(error.message).toBe(
      [
        'invalid configuration:',
        '  API_PORT: must be a whole number from 0 to 65535',
        '  JWT_SECRET: must have at least 16 characters',
        '  MODE: must be one of history, mock',
        '  WAIT: must be a duration such as 500ms, 5s or 2m, between 0 ms and 31622400000 ms',
      ].join('\n'),
    );
    for (const value of Object.values(env)) expect(JSON.stringify(error) + error.stack).not.toContain(value);
  });

  it('says that a variable is required', () => {
    expect(failureOf(() => parseConfig(schema, {})).message).toContain('JWT_SECRET: is required');
  });

  it('reports rules across variables under the variable they name', () => {
    const crossed = schema.refine((env) => env.MODE !== 'mock', { path: ['MODE'], message: 'mock needs MOCK_SEED' });
    const env = { JWT_SECRET: 'a-long-enough-secret', MODE: 'mock' };
    expect(failureOf(() => parseConfig(crossed, env)).message).toContain('MODE: mock needs MOCK_SEED');
  });

  it('gives a configuration that can be logged without showing its secrets', () => {
    const lines: string[] = [];
    const logger = createLogger({ service: 'api', destination: { write: (line) => void lines.push(line) } });
    const config = parseConfig(schema, { JWT_SECRET: 'a-long-enough-secret' });
    logger.info({ event: 'configured', settings: config, renamed: config.JWT_SECRET });
    expect(lines.join('')).not.toContain('a-long-enough');
    expect(lines.join('')).toContain('"renamed":"[redacted]"');
  });
});
