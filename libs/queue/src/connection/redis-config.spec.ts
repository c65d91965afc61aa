import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { ConfigError, parseConfig } from '@tripline/runtime';

import { redisConfigSchema } from './redis-config';

const parse = (env: Record<string, string>) => parseConfig(redisConfigSchema, env);

describe('redisConfigSchema', () => {
  it('has a Cluster-safe default prefix and hides the password of the URL', () => {
    const config = parse({ REDIS_URL: 'redis://:hunter2@localhost:6379' });
    expect(config.prefix).toBe('{tripline}');
    expect(config.url.reveal()).toBe('redis://:hunter2@localhost:6379');
    expect(inspect(config) + JSON.stringify(config)).not.toContain('hunter2');
  });

  it('reads the CA certificate of a TLS server', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'redis-config-')), 'ca.pem');
    writeFileSync(file, 'PEM');
    expect(parse({ REDIS_URL: 'rediss://r:6380', REDIS_TLS_CA_FILE: file }).tlsCa).toBe('PEM');
    expect(() => parse({ REDIS_URL: 'redis://r:6379', REDIS_TLS_CA_FILE: file })).toThrow(/REDIS_TLS_CA_FILE/);
  });

  it.each([
    [{}, 'REDIS_URL'],
    [{ REDIS_URL: 'localhost:6379' }, 'REDIS_URL'],
    [{ REDIS_URL: 'redis://r', REDIS_PREFIX: 'no-hash-tag' }, 'REDIS_PREFIX'],
    [{ REDIS_URL: 'rediss://r', REDIS_TLS_CA_FILE: '/nowhere.pem' }, 'REDIS_TLS_CA_FILE'],
  ])('rejects %j', (env: Record<string, string>, variable) => {
    try {
      parse(env);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as ConfigError).issues.map((issue) => issue.variable)).toEqual([variable]);
      return;
    }
    throw new Error('was accepted');
  });
});
