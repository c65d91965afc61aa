import type { TopicAdmin } from '@tripline/messaging';
import type { Database } from '@tripline/database';
import type { ExecutionQueue } from '@tripline/queue';
import type { ReadinessCheck } from '@tripline/runtime';

export interface ReadinessOptions {
  database: Pick<Database, 'ping'>;
  schema: ReadinessCheck;
  topics: Pick<TopicAdmin, 'offsets'>;
  isProducerStarted: () => boolean;
  topic: string;
  queue: Pick<ExecutionQueue, 'counts'>;
  isListening: () => boolean;
}

/** Ready when the API accepts requests, the schema is complete, and each of the three servers answers a request. */
export function createReadiness(options: ReadinessOptions) {
  const { database, schema, topics, isProducerStarted, topic, queue, isListening } = options;
  const checks: ReadinessCheck[] = [
    // The health server starts first and the API's listener last. In between, connections would be refused.
    { name: 'http', check: () => ({ ok: isListening() }) },
    {
      name: 'database',
      check: async () => {
        await database.ping();
        return { ok: true };
      },
    },
    schema,
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
