import { ConfigError } from '@tripline/runtime';

import { loadConfig } from './config';

const ENV = {
  KAFKA_BROKERS: 'localhost:9092',
  REDIS_URL: 'redis://localhost:6379',
  DATABASE_URL: 'postgresql://u:hidden-password@localhost:5432/tripline',
};

describe('loadConfig', () => {
  it('has a default for everything except the server addresses', () => {
    expect(loadConfig(ENV).dispatch).toMatchObject({
      topic: 'trading-signals',
      groupId: 'trigger-dispatcher',
      sweepIntervalMs: 2_000,
    });
  });

  it('reads durations with units', () => {
    expect(loadConfig({ ...ENV, SWEEP_INTERVAL: '2s' }).dispatch.sweepIntervalMs).toBe(2_000);
  });

  it('lists every fault at once without revealing secrets', () => {
    try {
      loadConfig({ DATABASE_URL: 'mysql://u:hidden-password@x/y', KAFKA_TOPIC_PARTITIONS: '0' });
      throw new Error('it did not throw');
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      const { message } = error as ConfigError;
      for (const name of ['KAFKA_BROKERS', 'REDIS_URL', 'DATABASE_URL', 'KAFKA_TOPIC_PARTITIONS'])
        expect(message).toContain(name);
      expect(message).not.toContain('hidden-password');
    }
  });
});
