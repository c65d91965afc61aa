import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { ConfigError, parseConfig } from '@tripline/runtime';

import { kafkaConfigSchema } from './kafka-config';

const parse = (env: Record<string, string>) => parseConfig(kafkaConfigSchema, { KAFKA_BROKERS: 'k1:9092', ...env });
const faultsOf = (env: Record<string, string>): string[] => {
  try {
    parse(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ variable }) => variable);
    throw error;
  }
  return [];
};

describe('kafkaConfigSchema', () => {
  it('requires only the brokers', () => {
    expect(parse({ KAFKA_BROKERS: ' k1:9092, 10.0.0.2:9093,[::1]:9094 ' })).toEqual({
      brokers: ['k1:9092', '10.0.0.2:9093', '[::1]:9094'],
      clientId: 'tripline',
      ssl: false,
      idempotent: true,
      topicManagement: true,
    });
  });

  it('supports brokers without idempotence and topic management', () => {
    expect(parse({ KAFKA_IDEMPOTENT: 'false', KAFKA_TOPIC_MANAGEMENT: 'false' })).toMatchObject({
      idempotent: false,
      topicManagement: false,
    });
  });

  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])('reads %s and hides the password', (mechanism) => {
    const config = parse({
      KAFKA_SASL_MECHANISM: mechanism,
      KAFKA_SASL_USERNAME: 'u',
      KAFKA_SASL_PASSWORD: 'hunter2',
    });
    expect(config.sasl).toMatchObject({ mechanism: mechanism.toLowerCase(), username: 'u' });
    expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toContain('hunter2');
    expect(config.sasl?.mechanism !== 'oauthbearer' && config.sasl?.password.reveal()).toBe('hunter2');
  });

  it('reads OAUTHBEARER client credentials', () => {
    const config = parse({
      KAFKA_SASL_MECHANISM: 'OAUTHBEARER',
      KAFKA_OAUTH_TOKEN_ENDPOINT: 'https://id.example/token',
      KAFKA_OAUTH_CLIENT_ID: 'c',
      KAFKA_OAUTH_CLIENT_SECRET: 's',
      KAFKA_OAUTH_SCOPE: 'kafka',
    });
    expect(config.sasl).toMatchObject({ tokenEndpoint: 'https://id.example/token', clientId: 'c', scope: 'kafka' });
  });

  it('reads the TLS files', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'kafka-config-')), 'ca.pem');
    writeFileSync(file, 'PEM');
    const config = parse({
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA_FILE: file,
      KAFKA_SSL_CERT_FILE: file,
      KAFKA_SSL_KEY_FILE: file,
    });
    expect(config.ssl).toMatchObject({ ca: 'PEM', cert: 'PEM', rejectUnauthorized: true });
  });

  it.each([
    [{ KAFKA_BROKERS: '' }, ['KAFKA_BROKERS']],
    [{ KAFKA_BROKERS: 'no-port' }, ['KAFKA_BROKERS']],
    [{ KAFKA_BROKERS: 'http://k1:9092' }, ['KAFKA_BROKERS']],
    [{ KAFKA_SSL: 'true', KAFKA_SSL_CA_FILE: '/nowhere/ca.pem' }, ['KAFKA_SSL_CA_FILE']],
    [{ KAFKA_SSL_CA_FILE: '/nowhere/ca.pem' }, ['KAFKA_SSL_CA_FILE']],
    [{ KAFKA_SASL_MECHANISM: 'GSSAPI' }, ['KAFKA_SASL_MECHANISM']],
    [{ KAFKA_SASL_MECHANISM: 'PLAIN' }, ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD']],
    [{ KAFKA_SASL_USERNAME: 'u' }, ['KAFKA_SASL_MECHANISM']],
    [
      {
        KAFKA_SASL_MECHANISM: 'OAUTHBEARER',
        KAFKA_OAUTH_CLIENT_ID: 'c',
        KAFKA_OAUTH_CLIENT_SECRET: 's',
        KAFKA_OAUTH_TOKEN_ENDPOINT: 'ftp://x',
      },
      ['KAFKA_OAUTH_TOKEN_ENDPOINT'],
    ],
  ])('rejects %j', (env: Record<string, string>, variables) => {
    expect(faultsOf(env)).toEqual(variables);
  });
});
