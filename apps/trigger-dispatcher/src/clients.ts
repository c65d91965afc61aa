import { createKafkaConnection } from '@tripline/messaging';
import { createDatabase, type DatabaseConfig } from '@tripline/database';
import { createDecisionStore } from '@tripline/decision-store';
import { createSchemaGate } from '@tripline/migrations';
import { createExecutionQueue, createProducerConnection, createRedisCommandObserver } from '@tripline/queue';
import { createDatabaseMetrics, createRedisMetrics, type Logger, type Metrics } from '@tripline/telemetry';

import type { DispatcherConfig } from './config';

/** Clients of Kafka, Redis and PostgreSQL, each observed. Nothing connects yet. */
export function createClients(config: DispatcherConfig, logger: Logger, metrics: Metrics) {
  const redisMetrics = createRedisMetrics(metrics);
  // Prepared plans also pay off for small chunks: planning each statement again costs PostgreSQL a noticeable share of its work.
  const databaseConfig: DatabaseConfig = {
    ...config.database,
    planCacheMode: 'force_generic_plan',
    planner: 'lookups',
  };
  const database = createDatabase(databaseConfig, createDatabaseMetrics(metrics));
  const redis = createProducerConnection(config.redis, { logger, onError: redisMetrics.onConnectionError });
  return {
    kafka: createKafkaConnection(config.kafka, { logger }),
    database,
    schema: createSchemaGate({
      database,
      onWaiting: (missing) => logger.warn({ event: 'schema_waiting', missing }, 'waiting for missing migrations'),
    }),
    decisions: createDecisionStore(database),
    redis,
    queue: createExecutionQueue({ connection: redis, logger, bulkSize: config.dispatch.bulkSize }),
    redisCommands: createRedisCommandObserver(redisMetrics.onCommand),
  };
}
export type Clients = ReturnType<typeof createClients>;
