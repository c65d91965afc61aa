import { PIPELINE_EXECUTIONS_QUEUE } from '@tripline/contracts';
import { type Halt, HALT_LEVELS, HALT_MODES } from '@tripline/risk';
import type { StatsRepository, SystemStats } from '@tripline/execution-store';
import type { HaltStore } from '@tripline/trading-store';
import { QUEUE_STATES, type ExecutionQueue, type QueueCounts } from '@tripline/queue';
import type { Component } from '@tripline/runtime';
import type { Logger, Metrics } from '@tripline/telemetry';

export interface SystemMetricsOptions {
  stats: Pick<StatsRepository, 'loadSystemStats'>;
  halts: Pick<HaltStore, 'loadActive'>;
  queue: Pick<ExecutionQueue, 'counts'>;
  metrics: Metrics;
  logger: Logger;
  /** Time between two refreshes, ms. Scrapes in between see the last values. */
  intervalMs: number;
}

/**
 * Gauges computed from PostgreSQL and Redis. A timer refreshes them instead of the scrape, because the load must not grow with
 * the number of Prometheus servers nor a slow database delay a scrape. While a source does not answer, its gauges keep their
 * last values and the error counter rises.
 */
export function createSystemMetrics(options: SystemMetricsOptions): Component {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  const collect = (): void => {
    running ??= collectOnce(options).finally(() => {
      running = undefined;
    });
  };
  return {
    name: 'system-metrics',
    start() {
      collect();
      timer = setInterval(collect, options.intervalMs);
      return Promise.resolve();
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

async function collectOnce({ stats, halts, queue, metrics, logger }: SystemMetricsOptions): Promise<void> {
  await Promise.all([
    Promise.all([stats.loadSystemStats(), halts.loadActive()]).then(
      ([figures, active]) => {
        setSystemGauges(metrics, figures);
        setHaltGauges(metrics, active);
      },
      (error: unknown) => {
        metrics.counter('system_collect_errors_total').inc({});
        logger.warn({ event: 'system_stats_failed', err: error }, 'reading the system figures failed');
      },
    ),
    queue.counts().then(
      (counts) => setQueueGauges(metrics, counts),
      (error: unknown) => {
        metrics.counter('queue_collect_errors_total').inc({});
        logger.warn({ event: 'queue_counts_failed', err: error }, 'reading the queue counts failed');
      },
    ),
  ]);
}

function setSystemGauges(metrics: Metrics, stats: SystemStats): void {
  metrics.gauge('system_active_pipelines').set({}, stats.activePipelines);
  metrics.gauge('system_total_pipelines').set({}, stats.totalPipelines);
  metrics.gauge('system_signal_pipelines').set({}, stats.signalPipelines);
  metrics.gauge('system_periodic_pipelines').set({}, stats.periodicPipelines);
  metrics.gauge('system_active_users').set({}, stats.activeUsers);
  metrics.gauge('system_total_users').set({}, stats.totalUsers);
  metrics.gauge('system_executions_today_executions').set({}, stats.executionsToday);
  metrics.gauge('system_executions_running_executions').set({}, stats.executionsRunning);
  metrics.gauge('system_executions_pending_executions').set({}, stats.executionsPending);
  metrics.gauge('system_success_rate_24h_percent').set({}, stats.successRate24hPercent);
}

function setHaltGauges(metrics: Metrics, halts: readonly Halt[]): void {
  for (const level of HALT_LEVELS) {
    for (const mode of HALT_MODES) {
      const active = halts.filter((halt) => halt.level === level && halt.mode === mode).length;
      metrics.gauge('trading_halts_active').set({ level, mode }, active);
    }
  }
}

function setQueueGauges(metrics: Metrics, counts: QueueCounts): void {
  const queue = PIPELINE_EXECUTIONS_QUEUE;
  for (const state of QUEUE_STATES) {
    metrics.gauge('queue_jobs').set({ queue, state }, counts[state]);
  }
  const depth = counts.waiting + counts.prioritized;
  metrics.gauge('queue_depth').set({ channel: queue }, depth);
  metrics.gauge('jobs_pending').set({}, depth);
}
