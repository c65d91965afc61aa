import { ConfigError, parseConfig } from '@tripline/runtime';
import { inspect } from 'node:util';

import { createDatabaseConfig, databaseConfigSchema } from './database-config';

const DATABASE_URL = 'postgresql://user:geheim@db:5432/tripline';

describe('the database configuration', () => {
  it('has defaults that bound every wait', () => {
    const { url, ...config } = parseConfig(databaseConfigSchema, { DATABASE_URL });
    const { url: _url, ...defaults } = createDatabaseConfig(DATABASE_URL);
    expect(url.reveal()).toBe(DATABASE_URL);
    expect(config).toEqual(defaults);
    expect(config).toMatchObject({ poolSize: 10, connectTimeoutMs: 5_000, statementTimeoutMs: 8_000, ssl: false });
  });

  it('never shows the URL', () => {
    const config = parseConfig(databaseConfigSchema, { DATABASE_URL });
    expect(inspect(config) + JSON.stringify(config)).not.toContain('geheim');
    const parse = () => parseConfig(databaseConfigSchema, { DATABASE_URL: 'mysql://user:geheim@db/x' });
    expect(parse).toThrow(ConfigError);
    expect(parse).not.toThrow(/geheim/);
  });

  it('rejects a statement timeout above the query timeout, and a missing CA file', () => {
    const broken = [
      { DATABASE_STATEMENT_TIMEOUT_MS: '11s' },
      { DATABASE_SSL_CA_FILE: '/does/not/exist.pem' },
      { DATABASE_POOL_SIZE: '0' },
    ];
    for (const variables of broken) {
      const [name] = Object.keys(variables);
      expect(() => parseConfig(databaseConfigSchema, { DATABASE_URL, ...variables })).toThrow(name);
    }
  });

  it('checks the certificate of the server by default', () => {
    const withSsl = { DATABASE_URL, DATABASE_SSL: 'true' };
    expect(parseConfig(databaseConfigSchema, withSsl).ssl).toEqual({ ca: undefined, rejectUnauthorized: true });
    const lax = { ...withSsl, DATABASE_SSL_REJECT_UNAUTHORIZED: 'false' };
    expect(parseConfig(databaseConfigSchema, lax).ssl).toMatchObject({ rejectUnauthorized: false });
  });
});
