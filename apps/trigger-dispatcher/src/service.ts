import { createBatchConsumer, createKafkaConnection } from '@tripline/messaging';
import {
  createDatabase,
  createDecisionStore,
  createPipelineRepository,
  createScheduleStore,
  createSweepStore,
  listenForPipelineChanges,
} from '@tripline/persistence';
import { createExecutionQueue, createProducerConnection, observeRedisCommands } from '@tripline/queue';
import { createHealthServer, createLifecycle, type Lifecycle, systemClock } from '@tripline/runtime';
import {
  createDatabaseMetrics,
  createExposition,
  createMetrics,
  createRedisMetrics,
  type Logger,
} from '@tripline/telemetry';

import type { DispatcherConfig } from './config';
import { createChunkDispatcher } from './dispatches/dispatch-chunk';
import { createDispatchMetrics } from './dispatches/dispatch-metrics';
import { createDispatchReports } from './dispatches/dispatch-reports';
import { startDispatchSpan } from './dispatches/dispatch-span';
import { createEnqueuer, createTriggerDispatch } from './dispatches/dispatch-triggers';
import { exportGauges } from './health/gauges';
import { createReadiness } from './health/readiness';
import { createPipelineIndex } from './pipelines/pipeline-index';
import { createScheduler } from './schedules/scheduler';
import { createSignalsTopic } from './signals/signals-topic';
import { createSweeper } from './sweeper/sweeper';

export interface ServiceOptions {
  readonly config: DispatcherConfig;
  readonly logger: Logger;
  /** Something is broken that only a restart mends. */
  readonly onFatal: (reason: string, error?: unknown) => void;
}

/** Builds the dispatcher; nothing runs until the life cycle is started. */
export function createService(options: ServiceOptions): { lifecycle: Lifecycle } {
  const { config, logger, onFatal } = options;
  const { dispatch } = config;
  const { monotonicMs, now } = systemClock;
  const metrics = createMetrics({ service: 'trigger-dispatcher' });
  const redisMetrics = createRedisMetrics(metrics);
  const reports = createDispatchReports({ logger, metrics: createDispatchMetrics(metrics, dispatch.groupId, now) });

  const database = createDatabase(config.database, createDatabaseMetrics(metrics));
  const pipelines = createPipelineRepository(database);
  const decisions = createDecisionStore(database);
  const redis = createProducerConnection(config.redis, { logger, onError: redisMetrics.onConnectionError });
  const queue = createExecutionQueue({ connection: redis, logger });
  const kafka = createKafkaConnection(config.kafka, { logger });

  const index = createPipelineIndex({
    load: () => pipelines.loadActive(),
    reloadIntervalMs: dispatch.reloadIntervalMs,
    monotonicMs,
    onLoaded: reports.onIndexLoaded,
    onLoadFailed: reports.onIndexLoadFailed,
  });
  const enqueue = createEnqueuer({
    queue,
    decisions,
    onEnqueued: reports.onEnqueued,
    onEnqueueFailed: reports.onEnqueueFailed,
  });
  const consumer = createBatchConsumer({
    connection: kafka,
    groupId: dispatch.groupId,
    topics: [dispatch.topic],
    handler: createChunkDispatcher({
      currentIndex: () => index.current(),
      decisions,
      enqueue,
      startSpan: startDispatchSpan,
      monotonicMs,
      onDispatched: reports.onDispatched,
    }),
    onCrash: (error) => onFatal('kafka_consumer_crashed', error),
    limits: { maxRecords: dispatch.chunkRecords },
    clock: systemClock,
    logger,
  });
  exportGauges({ metrics, consumer, index, database, now });

  return {
    lifecycle: createLifecycle({
      logger,
      stopDeadlineMs: config.common.stopDeadlineMs,
      components: [
        createHealthServer({
          ...config.common.metrics,
          metrics: () => createExposition(metrics),
          readiness: createReadiness({
            database,
            redis,
            consumer,
            index,
            reloadIntervalMs: dispatch.reloadIntervalMs,
            now,
          }),
          logger,
        }),
        database,
        observing(observeRedisCommands, redisMetrics.onCommand),
        queue,
        createSignalsTopic({ connection: kafka, ...dispatch }),
        index,
        listenForPipelineChanges(database, () => index.invalidate()),
        createSweeper({
          store: createSweepStore(database),
          enqueue,
          intervalMs: dispatch.sweepIntervalMs,
          onSwept: reports.onSwept,
          onFailed: reports.onSweepFailed,
        }),
        createScheduler({
          store: createScheduleStore(database),
          dispatch: createTriggerDispatch({ decisions, enqueue, onDecided: reports.onDecided }),
          now,
          intervalMs: dispatch.scheduleIntervalMs,
          onFailed: reports.onScheduleFailed,
        }),
        consumer,
      ],
    }),
  };
}

/** Subscribes at start and unsubscribes at stop. */
function observing<T>(subscribe: (listener: (event: T) => void) => () => void, listener: (event: T) => void) {
  let unsubscribe: (() => void) | undefined;
  return {
    name: 'redis-command-metrics',
    start: () => {
      unsubscribe = subscribe(listener);
      return Promise.resolve();
    },
    stop: () => {
      unsubscribe?.();
      return Promise.resolve();
    },
  };
}
