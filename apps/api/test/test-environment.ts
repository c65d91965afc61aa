import { randomBytes } from 'node:crypto';

import { createKafkaConnection, createTopicAdmin, kafkaConfigSchema, type TopicAdmin } from '@tripline/messaging';
import { TRADING_SIGNALS_TOPIC } from '@tripline/contracts';
import { createTestDatabase } from '@tripline/migrations';
import { testInfra, uniqueName } from '@tripline/testing';

export const ADMIN = { email: 'admin@example.com', password: 'an admin of the tests' };

export interface TestEnvironment {
  /** Environment of an API with its own database, topic, Redis prefix and free ports. */
  readonly env: Readonly<Record<string, string>>;
  readonly topic: string;
  readonly admin: TopicAdmin;
  close(): Promise<void>;
}

/** Creates the resources that one API needs on the real servers; `close` removes them. */
export async function createTestEnvironment(): Promise<TestEnvironment> {
  const infra = testInfra();
  const database = await createTestDatabase(infra.databaseUrl);
  const topic = uniqueName('api-signals');
  const kafka = { KAFKA_BROKERS: infra.kafkaBrokers.join(',') };
  const admin = createTopicAdmin(createKafkaConnection(kafkaConfigSchema.parse(kafka)));
  await admin.start();
  await admin.ensureTopic({ ...TRADING_SIGNALS_TOPIC, name: topic }, { partitions: 1, replicationFactor: 1 });
  return {
    topic,
    admin,
    env: {
      ...kafka,
      KAFKA_TOPIC_SIGNALS: topic,
      REDIS_URL: infra.redisUrl,
      REDIS_PREFIX: `{${uniqueName('api')}}`,
      DATABASE_URL: database.url,
      DATABASE_POOL_SIZE: '3',
      LOGIN_LIMIT_PER_MINUTE: '100',
      API_HOST: '127.0.0.1',
      API_PORT: '0',
      API_DRAIN_DELAY: '0',
      METRICS_HOST: '127.0.0.1',
      METRICS_PORT: '0',
      JWT_SECRET: randomBytes(32).toString('hex'),
      WEBHOOK_KEY: randomBytes(32).toString('hex'),
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      SYSTEM_METRICS_INTERVAL_MS: '200',
      LOG_FORMAT: 'json',
    },
    async close() {
      await admin.deleteTopic(topic);
      await admin.stop();
      await database.drop();
    },
  };
}
