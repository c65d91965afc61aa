import type { BatchConsumer } from '@tripline/messaging';
import type { Database } from '@tripline/database';
import type { RedisConnection } from '@tripline/queue';
import type { ReadinessCheck } from '@tripline/runtime';

import type { PipelineIndex } from '../pipelines/pipeline-index';

/** The broker normally answers a fetch every few hundred milliseconds, with or without records. */
const MAX_POLL_AGE_MS = 30_000;
/** Failed reloads in a row before the index counts as stale. */
const RELOADS_MISSED = 4;

/**
 * Ready means making progress: the consumer fetches, the index is fresh, and the database answers and has every migration. Redis
 * is reported but does not affect readiness, because the sweeper enqueues later whatever could not be enqueued now.
 */
export function createReadiness(options: {
  readonly consumer: BatchConsumer;
  readonly index: PipelineIndex;
  readonly database: Pick<Database, 'ping'>;
  readonly schema: ReadinessCheck;
  readonly redis: Pick<RedisConnection, 'isReady'>;
  readonly reloadIntervalMs: number;
  readonly now: () => number;
}): ReadinessCheck[] {
  const { consumer, index, database, schema, redis, now } = options;
  return [
    {
      name: 'kafka',
      check: () => {
        const polledAt = consumer.lastPollAt();
        if (polledAt === null) return { ok: false, detail: 'no answer from the broker yet' };
        const ageMs = now() - polledAt;
        return { ok: ageMs <= MAX_POLL_AGE_MS, detail: `last answer ${ageMs} ms ago` };
      },
    },
    {
      name: 'pipeline_index',
      check: () => {
        const ageMs = Math.round(index.ageMs());
        return { ok: ageMs <= options.reloadIntervalMs * RELOADS_MISSED, detail: `loaded ${ageMs} ms ago` };
      },
    },
    { name: 'database', check: () => database.ping().then(() => ({ ok: true })) },
    schema,
    {
      name: 'redis',
      check: () => ({
        ok: true,
        detail: redis.isReady() ? 'connected' : 'not connected: the sweeper will enqueue jobs later',
      }),
    },
  ];
}
