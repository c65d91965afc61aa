import { createKafkaConnection, createProducer, createTopicAdmin } from '@tripline/messaging';
import { createDatabase } from '@tripline/database';
import { createSchemaGate } from '@tripline/migrations';
import { createExecutionQueue, createProducerConnection, observeRedisCommands } from '@tripline/queue';
import type { Component } from '@tripline/runtime';
import {
  createDatabaseMetrics,
  createRedisMetrics,
  observePool,
  type Logger,
  type Metrics,
  type RedisMetrics,
} from '@tripline/telemetry';

import type { ApiConfig } from './config';

/** Creates the clients of the three servers, with their metrics. Opens no connection. */
export function createClients(config: ApiConfig, { logger, metrics }: { logger: Logger; metrics: Metrics }) {
  const database = createDatabase(config.database, createDatabaseMetrics(metrics));
  observePool(metrics, () => database.poolCounts());
  const kafka = createKafkaConnection(config.kafka, { logger: textLogger(logger, 'messaging') });
  const producer = createProducer(kafka, {
    onPublished: ({ topic, count, seconds }) => {
      metrics.counter('kafka_publish_success_total').inc({ topic }, count);
      metrics.histogram('kafka_publish_duration_seconds').observe({ topic }, seconds);
    },
    onPublishFailed: ({ topic, count, error }) =>
      metrics.counter('kafka_publish_failure_total').inc({ topic, error }, count),
  });
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
    redisCommands: redisCommands(onCommand),
  };
}

/** Counts the Redis commands of this process while it runs. */
function redisCommands(onCommand: RedisMetrics['onCommand']): Component {
  let unsubscribe: (() => void) | undefined;
  return {
    name: 'redis-command-metrics',
    start() {
      unsubscribe ??= observeRedisCommands(onCommand);
      return Promise.resolve();
    },
    stop() {
      unsubscribe?.();
      unsubscribe = undefined;
      return Promise.resolve();
    },
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
