import type { TopicAdmin } from '@tripline/messaging';
import type { Database } from '@tripline/persistence';
import type { ExecutionQueue } from '@tripline/queue';
import type { ReadinessCheck } from '@tripline/runtime';

export interface ReadinessOptions {
  database: Pick<Database, 'ping'>;
  topics: Pick<TopicAdmin, 'offsets'>;
  isProducerStarted: () => boolean;
  topic: string;
  queue: Pick<ExecutionQueue, 'counts'>;
}

/** Ready means: each of the three servers answered a real request just now. */
export function createReadiness({ database, topics, isProducerStarted, topic, queue }: ReadinessOptions) {
  const checks: ReadinessCheck[] = [
    {
      name: 'database',
      check: async () => {
        await database.ping();
        return { ok: true };
      },
    },
    {
      name: 'kafka',
      check: async () => {
        if (!isProducerStarted()) {
          return { ok: false, detail: 'the producer is not connected yet' };
        }
        const partitions = await topics.offsets(topic);
        return { ok: partitions.length > 0, detail: `topic ${topic}: ${partitions.length} partitions` };
      },
    },
    {
      name: 'redis',
      check: async () => {
        await queue.counts();
        return { ok: true };
      },
    },
  ];
  return checks;
}
