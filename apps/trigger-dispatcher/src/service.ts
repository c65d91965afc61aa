import { setImmediate } from 'node:timers/promises';

import { TRADING_SIGNALS_TOPIC } from '@tripline/contracts';
import { createBatchConsumer, createEnsuredTopic } from '@tripline/messaging';
import {
  createCrashGuardStore,
  createDecisionLogRetention,
  createNearMissStore,
  createRuleStore,
} from '@tripline/decision-store';
import { createSweepStore } from '@tripline/execution-store';
import { createPipelineRepository, createScheduleStore, listenForPipelineChanges } from '@tripline/pipeline-store';
import { createEnqueueSteps, enqueueExecutions, type EnqueueOptions, type QueuedExecution } from '@tripline/queue';
import {
  type Component,
  createDrain,
  createHealthServer,
  createLifecycle,
  type Lifecycle,
  systemClock,
} from '@tripline/runtime';
import { createExposition, createMetrics, type Logger, type Metrics } from '@tripline/telemetry';

import { type Clients, createClients } from './clients';
import type { DispatcherConfig } from './config';
import { createDispatchMetrics } from './dispatches/dispatch-metrics';
import { createDispatchReports, type DispatchReports } from './dispatches/dispatch-reports';
import { startDispatchSpan } from './dispatches/dispatch-span';
import { createTriggerDispatch } from './dispatches/dispatch-triggers';
import { createEnqueueBuffer, type EnqueueBuffer } from './dispatches/enqueue-buffer';
import { createMatcher } from './dispatches/match-chunk';
import { createDecider } from './dispatches/recreated-topic';
import { SIZES } from './dispatches/sizes';
import { createChunkHandler, type DispatchStages } from './dispatches/stages';
import { exportGauges } from './health/gauges';
import { createReadiness } from './health/readiness';
import { createNearMissCollector, type NearMissCollector } from './near-misses/near-miss-collector';
import { createNearMissReports } from './near-misses/near-miss-reports';
import { createPipelineIndex, type PipelineIndex } from './pipelines/pipeline-index';
import { createDecisionLogCleaner } from './retention/decision-log-cleaner';
import { createDeadlines } from './rules/deadlines';
import { createYoungCollection } from './pipelines/young-collection';
import { createScheduler } from './schedules/scheduler';
import { createLogEnd } from './signals/log-end';
import { isolateRecords } from './quarantine/isolate-records';
import { createSweeper } from './sweeper/sweeper';

export interface ServiceOptions {
  readonly config: DispatcherConfig;
  readonly logger: Logger;
  /** Fatal: the process must restart. */
  readonly onFatal: (reason: string, error?: unknown) => void;
}

/** Shared by the intake and the loops. */
interface Parts extends ServiceOptions {
  readonly metrics: Metrics;
  readonly clients: Clients;
  readonly reports: DispatchReports;
  readonly enqueuing: EnqueueOptions;
}

const { monotonicMs, now } = systemClock;
/** One or two heartbeats may be late before the broker removes the member. */
const HEARTBEATS_PER_SESSION = 5;

/** Builds the dispatcher; nothing runs until the lifecycle is started. */
export function createService(options: ServiceOptions): { lifecycle: Lifecycle } {
  const { config, logger } = options;
  const metrics = createMetrics({ service: 'trigger-dispatcher' });
  initFaultCounters(metrics, config.dispatch.topic);
  const clients = createClients(config, logger, metrics);
  const reports = createDispatchReports({
    logger,
    metrics: createDispatchMetrics(metrics, config.dispatch.groupId, now),
  });
  const enqueuing: EnqueueOptions = {
    queue: clients.queue,
    acknowledge: (executions) => clients.decisions.acknowledgeEnqueued(executions),
    onEnqueued: reports.onEnqueued,
    onFailed: reports.onEnqueueFailed,
  };
  const parts = { ...options, metrics, clients, reports, enqueuing };
  const { index, consumer, components: intake } = createIntake(parts);
  exportGauges({ metrics, consumer, index, database: clients.database, now });

  const health = createHealthServer({
    ...config.common.metrics,
    metrics: () => createExposition(metrics),
    readiness: createReadiness({
      ...clients,
      consumer,
      index,
      reloadIntervalMs: config.dispatch.reloadIntervalMs,
      now,
    }),
    logger,
  });
  return {
    lifecycle: createLifecycle({
      logger,
      stopDeadlineMs: config.common.stopDeadlineMs,
      components: [
        health,
        clients.database,
        clients.schema,
        clients.redisCommands,
        clients.queue,
        ...createLoops(parts),
        ...intake,
        createDrain(health),
      ],
    }),
  };
}

/** From the topic to decisions. The consumer starts last and stops first. */
function createIntake(parts: Parts) {
  const { config, clients, logger, onFatal } = parts;
  const { dispatch } = config;
  const index = createIndex(parts);
  const jobs = createEnqueueBuffer({ steps: createEnqueueSteps(parts.enqueuing) });
  const nearMisses = createNearMisses(parts, index);
  const consumer = createBatchConsumer({
    connection: clients.kafka,
    groupId: dispatch.groupId,
    topics: [dispatch.topic],
    handler: createChunkHandler(createStages(parts, { index, jobs, nearMisses })),
    onCrash: (error) => onFatal('kafka_consumer_crashed', error),
    limits: {
      maxRecords: dispatch.chunkRecords,
      maxBytes: SIZES.chunkBytes,
      maxBytesPerPartition: SIZES.batchBytes,
      maxBytesPerFetch: SIZES.fetchBytes,
      partitionsAtOnce: dispatch.partitionsAtOnce,
      sessionTimeoutMs: dispatch.sessionTimeoutMs,
      heartbeatIntervalMs: dispatch.sessionTimeoutMs / HEARTBEATS_PER_SESSION,
    },
    clock: systemClock,
    logger,
  });
  const components: Component[] = [
    createEnsuredTopic({
      connection: clients.kafka,
      contract: { ...TRADING_SIGNALS_TOPIC, name: dispatch.topic },
      ...dispatch,
    }),
    index,
    listenForPipelineChanges(clients.database, (pipelineId) => index.invalidate(pipelineId)),
    jobs,
    nearMisses,
    consumer,
  ];
  return { index, consumer, components };
}

/** The stages of a chunk between the consumer's fetch and its offset commit, in order. */
function createStages(
  { config, clients, reports }: Parts,
  { index, jobs, nearMisses }: { index: PipelineIndex; jobs: EnqueueBuffer; nearMisses: NearMissCollector },
): DispatchStages {
  const decide = createDecider({
    decisions: clients.decisions,
    logEnd: createLogEnd(clients.kafka),
    onTopicRecreated: reports.onTopicRecreated,
  });
  return {
    isolate: isolateRecords({
      store: createCrashGuardStore(clients.database),
      decide,
      afterCrashes: config.dispatch.quarantineAfter,
      onQuarantined: reports.onQuarantined,
    }),
    match: createMatcher({ currentIndex: () => index.current(), onSignal: nearMisses.offer }),
    trace: startDispatchSpan,
    decide,
    enqueue: (executions) => jobs.add(executions),
    report: reports.onDispatched,
    monotonicMs,
  };
}

/** The pipelines that signals are matched against. */
function createIndex({ config, clients, reports }: Parts): PipelineIndex {
  return createPipelineIndex({
    pipelines: createPipelineRepository(clients.database),
    reloadIntervalMs: config.dispatch.reloadIntervalMs,
    monotonicMs,
    yieldToLoop: () => setImmediate(),
    collectYoung: createYoungCollection(),
    onLoaded: reports.onIndexLoaded,
    onChanged: reports.onIndexChanged,
    onLoadFailed: reports.onIndexLoadFailed,
  });
}

/** Near misses: signals that nearly matched a pipeline. */
function createNearMisses({ config, clients, logger, metrics }: Parts, index: PipelineIndex): NearMissCollector {
  return createNearMissCollector({
    currentIndex: () => index.current(),
    store: createNearMissStore(clients.database),
    searchesPerSecond: config.dispatch.nearMissSearchesPerSecond,
    monotonicMs,
    yieldToLoop: () => setImmediate(),
    ...createNearMissReports(logger, metrics),
  });
}

/** Periodic work: sweeper, schedules of periodic pipelines, rule deadlines, retention of the decision log. */
function createLoops({ config, clients, reports, enqueuing }: Parts): Component[] {
  const enqueue = (executions: readonly QueuedExecution[]): Promise<boolean> =>
    enqueueExecutions(executions, enqueuing);
  return [
    createSweeper({
      store: createSweepStore(clients.database),
      enqueue,
      limits: config.dispatch.sweepLimits,
      intervalMs: config.dispatch.sweepIntervalMs,
      onSwept: reports.onSwept,
      onFailed: reports.onSweepFailed,
    }),
    createScheduler({
      store: createScheduleStore(clients.database),
      dispatch: createTriggerDispatch({ decisions: clients.decisions, enqueue, onDecided: reports.onDecided }),
      intervalMs: config.dispatch.scheduleIntervalMs,
      onFailed: reports.onScheduleFailed,
    }),
    createDeadlines({
      store: createRuleStore(clients.database),
      enqueue,
      onDecided: reports.onDecided,
      intervalMs: config.dispatch.deadlineIntervalMs,
      monotonicMs,
      onFailed: reports.onDeadlinesFailed,
    }),
    createDecisionLogCleaner({
      store: createDecisionLogRetention(clients.database),
      retentionMs: config.dispatch.decisionLogRetentionMs,
      intervalMs: config.dispatch.decisionLogCleanIntervalMs,
      onPurged: reports.onDecisionLogPurged,
      onFailed: reports.onDecisionLogPurgeFailed,
    }),
  ];
}

/** Exported as 0 from the start: Prometheus sees no increase when a series first appears, so an alert would be missed. */
function initFaultCounters(metrics: Metrics, topic: string): void {
  metrics.init('kafka_offsets_skipped_total', { topic });
  metrics.init('kafka_topic_recreations_total', { topic });
}
