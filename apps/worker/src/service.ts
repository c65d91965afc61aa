import { PIPELINE_EXECUTIONS_QUEUE } from '@tripline/contracts';
import type { BarSeries } from '@tripline/market';
import { createDatabase, type Database, type DatabaseConfig } from '@tripline/database';
import { createDecisionStore } from '@tripline/decision-store';
import { createExecutionStore } from '@tripline/execution-store';
import { createSchemaGate } from '@tripline/migrations';
import { createIntentStore, createRestingOrderStore } from '@tripline/trading-store';
import {
  createExecutionQueue,
  createExecutionWorker,
  createProducerConnection,
  createRedisCommandObserver,
  createWorkerConnection,
  enqueueExecutions,
  type EnqueueOptions,
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
  type Metrics,
  observePool,
  recordHistoryRows,
} from '@tripline/telemetry';

import type { WorkerConfig } from './config';
import { createExecutionHandler } from './executions/execution-handler';
import { createLeaseKeeper } from './executions/lease-keeper';
import { createRunReports } from './executions/run-reports';
import { createZombieWriteCounter } from './executions/zombie-writes';
import { type BarSource, createBarSource } from './market-data/bar-source';
import type { VenueOf } from './orders/broker';
import { createIntentReconciler } from './orders/reconcile-intents';
import { createRestingOrders } from './orders/resting-orders';
import { createVenues } from './orders/venues';

export interface ServiceOptions {
  readonly config: WorkerConfig;
  readonly history: readonly BarSeries[];
  readonly logger: Logger;
  /** Fatal: the process must restart. */
  readonly onFatal: (reason: string, error?: unknown) => void;
}

/** Lease time that must be left in addition to the broker's time to answer. */
const LEASE_MARGIN_MS = 1_000;
/** The part of the stop deadline reserved for closing connections after the jobs have ended. */
const CLOSING_MS = 4_000;

/** Shared by the parts of the service. */
interface Parts extends ServiceOptions {
  readonly metrics: Metrics;
  readonly redisMetrics: ReturnType<typeof createRedisMetrics>;
  readonly database: Database;
  readonly bars: BarSource;
  readonly venueOf: VenueOf;
}

const { monotonicMs, now } = systemClock;

/** Builds the worker; nothing runs until the lifecycle is started. */
export function createService(options: ServiceOptions): { lifecycle: Lifecycle } {
  const { config, logger } = options;
  const { worker: settings } = config;
  const metrics = createMetrics({ service: 'worker', pipelineLabelLimit: settings.pipelineLabelLimit });
  const redisMetrics = createRedisMetrics(metrics);
  const databaseConfig: DatabaseConfig = { ...config.database, planner: 'lookups' };
  const database = createDatabase(databaseConfig, {
    ...createDatabaseMetrics(metrics),
    onLeaseLost: createZombieWriteCounter(metrics),
  });
  observePool(metrics, () => database.poolCounts());
  recordHistoryRows(metrics, options.history);
  const bars = createBarSource(options.history, settings.mock);
  const parts: Parts = {
    ...options,
    metrics,
    redisMetrics,
    database,
    bars,
    venueOf: createVenues(settings.broker, metrics),
  };
  const runs = createRuns(parts);
  const schema = createSchemaGate({
    database,
    onWaiting: (missing) => logger.warn({ event: 'schema_waiting', missing }, 'waiting for missing migrations'),
  });
  const health = createHealthServer({
    ...config.common.metrics,
    metrics: () => createExposition(metrics),
    readiness: [
      { name: 'database', check: () => database.ping().then(() => ({ ok: true })) },
      schema,
      ...runs.readiness,
    ],
    logger,
  });
  const components: Component[] = [
    health,
    database,
    schema,
    createRedisCommandObserver(redisMetrics.onCommand),
    ...createOrderLoops(parts),
    ...runs.components,
    createDrain(health),
  ];
  return { lifecycle: createLifecycle({ logger, components, stopDeadlineMs: config.common.stopDeadlineMs }) };
}

/** From jobs to finished executions. The worker starts last and stops first. */
function createRuns(parts: Parts): { components: Component[]; readiness: ReadinessCheck[] } {
  const { config, logger, metrics, redisMetrics, database, bars, venueOf } = parts;
  const { worker: settings } = config;
  const redis = { logger, onError: redisMetrics.onConnectionError };
  const connection = createWorkerConnection(config.redis, redis);
  const queue = createExecutionQueue({ connection: createProducerConnection(config.redis, redis), logger });
  const reports = createRunReports({ logger, metrics, queue: PIPELINE_EXECUTIONS_QUEUE, now });
  const decisions = createDecisionStore(database);
  const promotions: EnqueueOptions = {
    queue,
    acknowledge: (executions) => decisions.acknowledgeEnqueued(executions),
    onFailed: reports.onPromotionFailed,
  };
  // Not awaited: the promotion is committed with the end of the execution, and the sweeper enqueues what fails here.
  const store = createExecutionStore(database, {
    onPromoted: (executions) => void enqueueExecutions(executions, promotions),
  });
  const countZombieWrite = createZombieWriteCounter(metrics);
  const leases = createLeaseKeeper({
    ...settings,
    store,
    monotonicMs,
    onDenied: () => countZombieWrite({ operation: 'renew' }),
    onRenewalFailed: reports.onRenewalFailed,
  });
  const worker = createExecutionWorker({
    connection,
    concurrency: settings.concurrency,
    stopDeadlineMs: Math.max(1_000, config.common.stopDeadlineMs - CLOSING_MS),
    handler: createExecutionHandler({
      ...settings,
      store,
      leases,
      bars,
      venueOf,
      leaseForOrderMs: (settings.broker?.timeoutMs ?? 0) + LEASE_MARGIN_MS,
      owner: settings.name,
      monotonicMs,
      observer: reports,
    }),
    onStuck: (info) => parts.onFatal('queue_worker_stuck', new Error(`no job became active: ${JSON.stringify(info)}`)),
    clock: systemClock,
    logger,
  });
  const readiness: ReadinessCheck[] = [
    { name: 'redis', check: () => ({ ok: connection.isReady() }) },
    { name: 'queue', check: () => ({ ok: worker.progress().running, detail: JSON.stringify(worker.progress()) }) },
  ];
  return { components: [queue, leases, worker], readiness };
}

/** Finishes orders whose executions have already ended. */
function createOrderLoops({ config, logger, database, bars, venueOf }: Parts): Component[] {
  const { feeModel, restingOrderIntervalMs: intervalMs } = config.worker;
  const intents = createIntentStore(database);
  return [
    createRestingOrders({
      store: createRestingOrderStore(database),
      intents,
      bars,
      venueOf,
      feeModel,
      intervalMs,
      onFilled: (id) => logger.info({ event: 'resting_order_filled', client_order_id: id }, 'resting order filled'),
      onFailed: (error) =>
        logger.warn({ event: 'resting_orders_failed', err: error }, 'resting orders not filled; will retry'),
    }),
    createIntentReconciler({
      store: intents,
      venueOf,
      intervalMs,
      onReconciled: (id, outcome) =>
        logger.warn(
          { event: 'intent_reconciled', client_order_id: id, outcome },
          'order intent of an ended execution reconciled',
        ),
      onFailed: (error) =>
        logger.warn({ event: 'intents_not_reconciled', err: error }, 'intents not reconciled; will retry'),
    }),
  ];
}
