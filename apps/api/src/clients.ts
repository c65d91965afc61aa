import { createKafkaConnection, createProducer, createTopicAdmin } from '@tripline/messaging';
import { createDatabase } from '@tripline/database';
import { createSchemaGate } from '@tripline/migrations';
import { createExecutionQueue, createProducerConnection, createRedisCommandObserver } from '@tripline/queue';
import {
  createDatabaseMetrics,
  createPublishMetrics,
  createRedisMetrics,
  observePool,
  type Logger,
  type Metrics,
} from '@tripline/telemetry';

import type { ApiConfig } from './config';

/** Creates the clients of the three servers, with their metrics. Opens no connection. */
export function createClients(config: ApiConfig, { logger, metrics }: { logger: Logger; metrics: Metrics }) {
  const database = createDatabase(config.database, createDatabaseMetrics(metrics));
  observePool(metrics, () => database.poolCounts());
  const kafka = createKafkaConnection(config.kafka, { logger: textLogger(logger, 'messaging') });
  const producer = createProducer(kafka, createPublishMetrics(metrics));
  const { onCommand, onConnectionError } = createRedisMetrics(metrics);
  const redis = createProducerConnection(config.redis, {
    logger: textLogger(logger, 'queue'),
    onError: onConnectionError,
  });
  const queue = createExecutionQueue({
    connection: redis,
    logger: textLogger(logger, 'queue'),
    onConnectionError,
  });
  const schema = createSchemaGate({
    database,
    onWaiting: (missing) => logger.warn({ event: 'schema_waiting', missing }, 'waiting for missing migrations'),
  });
  return {
    database,
    schema,
    topics: createTopicAdmin(kafka),
    producer,
    queue,
    redisCommands: createRedisCommandObserver(onCommand),
  };
}

/** Adds an event name to the libraries' log messages, which have none. */
function textLogger(logger: Logger, part: string) {
  const child = logger.child({ logger: part });
  const event = `${part}_event`;
  return {
    debug: (fields: Record<string, unknown>, text: string) => child.debug({ event, ...fields }, text),
    info: (fields: Record<string, unknown>, text: string) => child.info({ event, ...fields }, text),
    warn: (fields: Record<string, unknown>, text: string) => child.warn({ event, ...fields }, text),
    error: (fields: Record<string, unknown>, text: string) => child.error({ event, ...fields }, text),
  };
}
