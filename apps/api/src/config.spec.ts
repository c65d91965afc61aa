import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';

import { ConfigError } from '@tripline/runtime';

import { loadConfig } from './config';
import { VERSION } from './version';

const SERVERS = {
  KAFKA_BROKERS: 'localhost:9092',
  REDIS_URL: 'redis://localhost:6379',
  DATABASE_URL: 'postgresql://tripline:very-secret@localhost:5432/tripline',
};
const SECRET = 'x'.repeat(32);

function faultsOf(env: Record<string, string>): string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.issues.map((issue) => issue.variable);
  }
}

describe('configuration', () => {
  it('requires only the three servers outside production', () => {
    const config = loadConfig(SERVERS);
    expect(config.listen).toEqual({ host: '0.0.0.0', port: 8000 });
    expect(config.http).toMatchObject({
      bodyLimitBytes: 262_144,
      requestTimeoutMs: 15_000,
      connectionTimeoutMs: 20_000,
    });
    expect(config.auth).toMatchObject({ isEphemeral: true, tokenTtlMs: 3_600_000, firstAdmin: null });
    expect(config.auth.secret.reveal()).not.toBe(loadConfig(SERVERS).auth.secret.reveal());
  });

  it('requires a signing secret and a webhook key of 32 characters each in production', () => {
    const production = { ...SERVERS, DATABASE_URL: 'postgresql://tripline:its-own@db:5432/x', NODE_ENV: 'production' };
    const [JWT_SECRET, WEBHOOK_KEY] = [SECRET, `${SECRET} of webhooks`];
    expect(faultsOf(production)).toEqual(['JWT_SECRET', 'WEBHOOK_KEY']);
    expect(faultsOf({ ...production, JWT_SECRET: 'short', WEBHOOK_KEY })).toEqual(['JWT_SECRET']);
    expect(faultsOf({ ...production, JWT_SECRET, WEBHOOK_KEY: 'short' })).toEqual(['WEBHOOK_KEY']);
    expect(faultsOf({ ...production, JWT_SECRET, WEBHOOK_KEY })).toEqual([]);
  });

  it('rejects the same secret for tokens and webhooks, and a password that is too short', () => {
    expect(faultsOf({ ...SERVERS, JWT_SECRET: SECRET, WEBHOOK_KEY: SECRET })).toEqual(['WEBHOOK_KEY']);
    expect(faultsOf({ ...SERVERS, ADMIN_EMAIL: 'ada@example.com', ADMIN_PASSWORD: 'short' })).toEqual([
      'ADMIN_PASSWORD',
    ]);
  });

  it('requires both e-mail and password for the first administrator, or neither', () => {
    expect(faultsOf({ ...SERVERS, ADMIN_EMAIL: 'ada@example.com' })).toEqual(['ADMIN_PASSWORD']);
    expect(faultsOf({ ...SERVERS, ADMIN_PASSWORD: 'long enough pass' })).toEqual(['ADMIN_PASSWORD']);
    const config = loadConfig({ ...SERVERS, ADMIN_EMAIL: 'Ada@Example.com', ADMIN_PASSWORD: 'long enough pass' });
    expect(config.auth.firstAdmin?.email).toBe('ada@example.com');
  });

  it('reports every fault at once', () => {
    const faults = faultsOf({ API_PORT: '99999', JWT_TTL: 'soon', LOG_LEVEL: 'loud' });
    expect(faults).toEqual(
      expect.arrayContaining(['API_PORT', 'JWT_TTL', 'LOG_LEVEL', 'KAFKA_BROKERS', 'REDIS_URL', 'DATABASE_URL']),
    );
  });

  it('shows no secret when it is printed', () => {
    const config = loadConfig({
      ...SERVERS,
      JWT_SECRET: SECRET,
      ADMIN_EMAIL: 'a@b.de',
      ADMIN_PASSWORD: 'p4ssw0rd-long',
    });
    const printed = inspect(config, { depth: 9 }) + JSON.stringify(config);
    expect(printed).not.toMatch(/very-secret|xxxxxxxx|p4ssw0rd/);
  });

  it('reports the version of the repository', () => {
    const { version } = JSON.parse(readFileSync(`${__dirname}/../../../package.json`, 'utf8')) as { version: string };
    expect(VERSION).toBe(version);
  });

  it('rejects a drain delay that uses up the stop deadline', () => {
    expect(faultsOf({ ...SERVERS, API_DRAIN_DELAY: '10s', STOP_DEADLINE_MS: '10s' })).toEqual(['API_DRAIN_DELAY']);
    expect(faultsOf({ ...SERVERS, API_DRAIN_DELAY: '0' })).toEqual([]);
  });
});
