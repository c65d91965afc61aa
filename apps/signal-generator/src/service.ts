import { join } from 'node:path';

import { TRADING_SIGNALS_TOPIC } from '@tripline/contracts';
import type { BarSeries } from '@tripline/market';
import { createEnsuredTopic, createKafkaConnection, createProducer } from '@tripline/messaging';
import {
  type Component,
  createDrain,
  createHealthServer,
  createLifecycle,
  createProgress,
  type Lifecycle,
  systemClock,
} from '@tripline/runtime';
import {
  createExposition,
  createMetrics,
  createPublishMetrics,
  type Logger,
  type Metrics,
  recordHistoryRows,
} from '@tripline/telemetry';

import type { GeneratorConfig } from './config';
import { feedOfTopic } from './feeds/feed';
import { createFeeds } from './feeds/create-feeds';
import { createFeedRunner } from './publishing/feed-runner';
import { createSignalPublisher } from './publishing/signal-publisher';
import { createFileWatermarkStore } from './watermark/watermark';

export interface ServiceOptions {
  readonly config: GeneratorConfig;
  /** Bars of the history feed; empty when that feed is off. */
  readonly history: readonly BarSeries[];
  readonly logger: Logger;
  /** Fatal: the process must restart. */
  readonly onFatal: (reason: string, error?: unknown) => void;
}

/** A feed reports progress at every step, and at least every second while it waits. */
const MAX_IDLE_MS = 30_000;

/** Builds the signal generator; nothing runs until the lifecycle is started. */
export function createService(options: ServiceOptions): { lifecycle: Lifecycle } {
  const { config, logger } = options;
  const { generator } = config;
  const { monotonicMs } = systemClock;
  const metrics = createMetrics({ service: 'signal-generator' });
  const kafka = createKafkaConnection(config.kafka, { logger });
  const producer = createProducer(kafka, createProducerObserver(metrics, generator.topic));
  const publish = createSignalPublisher({ producer, topic: generator.topic, metrics, logger });

  recordHistoryRows(metrics, options.history);
  const feeds = createFeeds({
    config: generator,
    history: options.history,
    monotonicMs,
    onGenerated: createScanObserver(metrics, generator),
  }).map(({ name, feed }) => ({
    name,
    feed: feedOfTopic(feed, generator.topic),
    progress: createProgress({ name: `feed_${name}`, maxIdleMs: MAX_IDLE_MS }),
  }));
  const runners = feeds.map(({ name, feed, progress }) =>
    createFeedRunner({
      feed,
      watermarks: createFileWatermarkStore(join(generator.stateDir, `${name}.watermark.json`)),
      publish,
      maxBatch: generator.maxBatch,
      monotonicMs,
      progress,
      logger,
      onFailed: (error) => options.onFatal('feed_failed', error),
    }),
  );
  const readiness = feeds.map(({ progress }, index) => ({
    name: progress.name,
    check: () => (runners[index]?.isFinished() === true ? { ok: true, detail: 'finished' } : progress.check()),
  }));
  const health = createHealthServer({
    ...config.common.metrics,
    metrics: () => createExposition(metrics),
    readiness,
    logger,
  });
  const components: Component[] = [
    health,
    createEnsuredTopic({
      connection: kafka,
      contract: { ...TRADING_SIGNALS_TOPIC, name: generator.topic },
      ...generator,
    }),
    producer,
    ...runners,
    createDrain(health),
  ];
  return { lifecycle: createLifecycle({ logger, components, stopDeadlineMs: config.common.stopDeadlineMs }) };
}

function createScanObserver(metrics: Metrics, { feeds, generators }: GeneratorConfig['generator']) {
  const duration = metrics.histogram('signal_generation_duration_seconds');
  const scans = metrics.counter('scans_total');
  const running = metrics.gauge('strategy_running');
  if (feeds.includes('history')) for (const name of generators) running.set({ strategy: name }, 1);
  return (name: string, seconds: number): void => {
    duration.observe({ generator: name }, seconds);
    scans.inc({ strategy: name });
  };
}

function createProducerObserver(metrics: Metrics, topic: string) {
  const observer = createPublishMetrics(metrics);
  // Exported as 0 from the start, so a rate includes the first failure.
  metrics.init('kafka_publish_success_total', { topic });
  metrics.init('kafka_publish_failure_total', { topic, error: 'timeout' });
  return observer;
}
