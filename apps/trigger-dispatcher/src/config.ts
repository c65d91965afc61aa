import { DISPATCHER_GROUP, TRADING_SIGNALS_TOPIC } from '@tripline/contracts';
import { kafkaConfigSchema } from '@tripline/messaging';
import { databaseConfigSchema } from '@tripline/database';
import { redisConfigSchema } from '@tripline/queue';
import { commonConfigSchema, durationMs, type Environment, integer, parseConfigParts } from '@tripline/runtime';
import { z } from 'zod';

const DAY_MS = 86_400_000;

const dispatchSchema = z
  .object({
    KAFKA_TOPIC_SIGNALS: z.string().default(TRADING_SIGNALS_TOPIC.name),
    KAFKA_GROUP_ID: z.string().default(DISPATCHER_GROUP),
    KAFKA_TOPIC_PARTITIONS: integer(TRADING_SIGNALS_TOPIC.defaultPartitions, { min: 1, max: 1000 }),
    KAFKA_TOPIC_REPLICATION: integer(1, { min: 1, max: 9 }),
    DISPATCH_CHUNK_RECORDS: integer(10_000, { min: 1, max: 20_000 }),
    DISPATCH_PARTITIONS_AT_ONCE: integer(4, { min: 1, max: 64 }),
    ENQUEUE_BULK_JOBS: integer(100, { min: 1, max: 1000 }),
    PIPELINE_RELOAD_INTERVAL: durationMs(30_000, { minMs: 100 }),
    NEAR_MISS_SEARCHES_PER_SECOND: integer(2_000, { min: 0, max: 1_000_000 }),
    SWEEP_INTERVAL: durationMs(2_000, { minMs: 100 }),
    SWEEP_NOT_ENQUEUED_AFTER: durationMs(5_000, { minMs: 1_000 }),
    SWEEP_STALE_JOB_AFTER: durationMs(60_000, { minMs: 5_000 }),
    // Brokers reject a value below their group.min.session.timeout.ms, 6 s by default.
    KAFKA_SESSION_TIMEOUT: durationMs(8_000, { minMs: 2_000, maxMs: 300_000 }),
    QUARANTINE_AFTER_CRASHES: integer(3, { min: 0, max: 100 }),
    SCHEDULE_INTERVAL: durationMs(1_000, { minMs: 100 }),
    RULE_DEADLINE_INTERVAL: durationMs(1_000, { minMs: 100 }),
    // 0 keeps everything. Otherwise at least twice the topic's retention: a redelivered record must still be known as decided.
    DECISION_LOG_RETENTION: durationMs(90 * DAY_MS),
    DECISION_LOG_CLEAN_INTERVAL: durationMs(300_000, { minMs: 1_000 }),
  })
  .transform((env) => ({
    topic: env.KAFKA_TOPIC_SIGNALS,
    groupId: env.KAFKA_GROUP_ID,
    partitions: env.KAFKA_TOPIC_PARTITIONS,
    replicationFactor: env.KAFKA_TOPIC_REPLICATION,
    chunkRecords: env.DISPATCH_CHUNK_RECORDS,
    partitionsAtOnce: env.DISPATCH_PARTITIONS_AT_ONCE,
    bulkSize: env.ENQUEUE_BULK_JOBS,
    reloadIntervalMs: env.PIPELINE_RELOAD_INTERVAL,
    nearMissSearchesPerSecond: env.NEAR_MISS_SEARCHES_PER_SECOND,
    sweepIntervalMs: env.SWEEP_INTERVAL,
    sweepLimits: { notEnqueuedMs: env.SWEEP_NOT_ENQUEUED_AFTER, enqueuedMs: env.SWEEP_STALE_JOB_AFTER },
    sessionTimeoutMs: env.KAFKA_SESSION_TIMEOUT,
    quarantineAfter: env.QUARANTINE_AFTER_CRASHES,
    scheduleIntervalMs: env.SCHEDULE_INTERVAL,
    deadlineIntervalMs: env.RULE_DEADLINE_INTERVAL,
    decisionLogRetentionMs: env.DECISION_LOG_RETENTION,
    decisionLogCleanIntervalMs: env.DECISION_LOG_CLEAN_INTERVAL,
  }));

/** Reads the whole configuration. Throws a `ConfigError` that lists every fault. */
export function loadConfig(env: Environment) {
  return parseConfigParts(
    {
      common: commonConfigSchema,
      kafka: kafkaConfigSchema,
      redis: redisConfigSchema,
      database: databaseConfigSchema,
      dispatch: dispatchSchema,
    },
    env,
  );
}
export type DispatcherConfig = ReturnType<typeof loadConfig>;
