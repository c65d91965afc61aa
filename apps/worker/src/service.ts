import { PIPELINE_EXECUTIONS_QUEUE } from '@tripline/contracts';
import type { BarSeries } from '@tripline/domain';
import {
  createDatabase,
  createDecisionStore,
  createExecutionStore,
  createRestingOrderStore,
} from '@tripline/persistence';
import {
  createExecutionQueue,
  createExecutionWorker,
  createProducerConnection,
  createWorkerConnection,
  observeRedisCommands,
} from '@tripline/queue';
import {
  type Component,
  createDrain,
  createHealthServer,
  createLifecycle,
  type Lifecycle,
  type ReadinessCheck,
  systemClock,
} from '@tripline/runtime';
import {
  createDatabaseMetrics,
  createExposition,
  createMetrics,
  createRedisMetrics,
  type Logger,
  observePool,
} from '@tripline/telemetry';

import type { WorkerConfig } from './config';
import { createExecutionHandler } from './executions/execution-handler';
import { createLeaseKeeper } from './executions/lease-keeper';
import { createRunReports } from './executions/run-reports';
import { createPromotions } from './executions/promotions';
import { createBarSource } from './market-data/bar-source';
import { PAPER_VENUE } from './orders/broker';
import { createRestingOrders } from './orders/resting-orders';

export interface ServiceOptions {
  readonly config: WorkerConfig;
  readonly history: readonly BarSeries[];
  readonly logger: Logger;
  /** Something is broken that only a restart mends. */
  readonly onFatal: (reason: string, error?: unknown) => void;
}

/** Of the stop deadline, what is left for closing connections after the jobs have ended. */
const CLOSING_MS = 4_000;

/** Builds the worker; nothing runs until the life cycle is started. */
export function createService(options: ServiceOptions): { lifecycle: Lifecycle } {
  const { config, logger } = options;
  const { worker: settings } = config;
  const { monotonicMs, now } = systemClock;
  const metrics = createMetrics({ service: 'worker', pipelineLabelLimit: settings.pipelineLabelLimit });
  const redisMetrics = createRedisMetrics(metrics);
  const database = createDatabase(config.database, createDatabaseMetrics(metrics));
  observePool(metrics, () => database.poolCounts());
  const connection = createWorkerConnection(config.redis, { logger, onError: redisMetrics.onConnectionError });
  const bars = createBarSource(options.history, settings.mock);
  const queue = createExecutionQueue({
    connection: createProducerConnection(config.redis, { logger, onError: redisMetrics.onConnectionError }),
    logger,
  });
  const enqueuePromoted = createPromotions({
    queue,
    decisions: createDecisionStore(database),
    onFailed: (error, runs) =>
      logger.warn({ event: 'promotion_not_enqueued', runs, err: error }, 'left to the sweeper'),
  });
  const store = createExecutionStore(database, { onPromoted: enqueuePromoted });
  const leases = createLeaseKeeper({
    store,
    leaseMs: settings.leaseMs,
    renewEveryMs: settings.renewEveryMs,
    monotonicMs,
    onRenewalFailed: (error, count) =>
      logger.warn({ event: 'leases_not_renewed', leases: count, err: error }, 'leases not renewed, trying again'),
  });

  const worker = createExecutionWorker({
    connection,
    concurrency: settings.concurrency,
    stopDeadlineMs: Math.max(1_000, config.common.stopDeadlineMs - CLOSING_MS),
    handler: createExecutionHandler({
      store,
      leases,
      bars,
      venueOf: (venue) => (venue === PAPER_VENUE ? { kind: 'internal' } : undefined),
      feeModel: settings.feeModel,
      owner: settings.name,
      leaseMs: settings.leaseMs,
      monotonicMs,
      observer: createRunReports({ logger, metrics, queue: PIPELINE_EXECUTIONS_QUEUE, now }),
    }),
    onStuck: (info) =>
      options.onFatal('queue_worker_stuck', new Error(`no job became active: ${JSON.stringify(info)}`)),
    clock: systemClock,
    logger,
  });
  const restingOrders = createRestingOrders({
    store: createRestingOrderStore(database),
    bars,
    feeModel: settings.feeModel,
    intervalMs: settings.restingOrderIntervalMs,
    onFilled: (id) => logger.info({ event: 'resting_order_filled', client_order_id: id }, 'resting order filled'),
    onFailed: (error) => logger.warn({ event: 'resting_orders_failed', err: error }, 'resting orders not filled'),
  });
  const readiness: ReadinessCheck[] = [
    { name: 'database', check: () => database.ping().then(() => ({ ok: true })) },
    { name: 'redis', check: () => ({ ok: connection.isReady() }) },
    { name: 'queue', check: () => ({ ok: worker.progress().running, detail: JSON.stringify(worker.progress()) }) },
  ];
  const health = createHealthServer({
    ...config.common.metrics,
    metrics: () => createExposition(metrics),
    readiness,
    logger,
  });
  const components: Component[] = [
    health,
    database,
    observing(observeRedisCommands, redisMetrics.onCommand),
    queue,
    restingOrders,
    leases,
    worker,
    createDrain(health),
  ];
  return { lifecycle: createLifecycle({ logger, components, stopDeadlineMs: config.common.stopDeadlineMs }) };
}

/** Subscribes at start and unsubscribes at stop. */
function observing<T>(
  subscribe: (listener: (event: T) => void) => () => void,
  listener: (event: T) => void,
): Component {
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
