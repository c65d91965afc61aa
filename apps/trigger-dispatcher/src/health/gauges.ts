import type { BatchConsumer } from '@tripline/messaging';
import type { Database } from '@tripline/database';
import { type Metrics, observePool } from '@tripline/telemetry';

import type { PipelineIndex } from '../pipelines/pipeline-index';

/** Gauges that are read at each scrape. */
export function exportGauges(options: {
  readonly metrics: Metrics;
  readonly consumer: BatchConsumer;
  readonly index: PipelineIndex;
  readonly database: Database;
  readonly now: () => number;
}): void {
  const { metrics, consumer, index, database, now } = options;
  const lag = metrics.gauge('kafka_consumer_lag');
  const pollAge = metrics.gauge('kafka_consumer_last_poll_age_seconds');
  const cacheAge = metrics.gauge('pipeline_cache_age_seconds');
  const cacheSize = metrics.gauge('pipeline_cache_size');
  let shown: { topic: string; partition: number }[] = [];
  metrics.onCollect(() => {
    const progress = consumer.progress();
    // A partition that moved to another member must not keep showing its last lag.
    for (const { topic, partition } of shown) {
      if (!progress.some((entry) => entry.topic === topic && entry.partition === partition)) {
        lag.remove({ topic, partition });
      }
    }
    shown = progress.map(({ topic, partition }) => ({ topic, partition }));
    for (const { topic, partition, lag: records } of progress) lag.set({ topic, partition }, records);
    const polledAt = consumer.lastPollAt();
    pollAge.set({}, polledAt === null ? 0 : Math.max(0, now() - polledAt) / 1000);
    const ageMs = index.ageMs();
    cacheAge.set({}, Number.isFinite(ageMs) ? ageMs / 1000 : 0);
    cacheSize.set({}, index.current().size);
  });
  observePool(metrics, () => database.poolCounts());
}
