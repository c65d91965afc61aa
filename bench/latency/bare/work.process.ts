/**
 * A BullMQ worker with no-op jobs. Arguments: Redis URL, queue, jobs to wait for, index of the first record to measure. Prints
 * `ready`, then a summary of the time from a record's due time to its job, ms. A line on stdin ends it early.
 */
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';

import { createLatencyRecorder } from '../../support/latencies';

const [redisUrl = '', queueName = '', total = '0', firstCounted = '0'] = process.argv.slice(2);
const CONCURRENCY = 50;

async function main(): Promise<void> {
  const recorder = createLatencyRecorder();
  let seen = 0;
  const finish = (): void => {
    console.log(JSON.stringify({ ...recorder.summary(), seen }));
    process.exit(0);
  };
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const worker = new Worker<{ index: number; at: number }>(
    queueName,
    async ({ data: { index, at } }) => {
      if (index >= Number(firstCounted)) recorder.record(performance.timeOrigin + performance.now() - at);
      seen += 1;
      if (seen >= Number(total)) setImmediate(finish);
    },
    { connection, concurrency: CONCURRENCY, removeOnComplete: { count: 0 } },
  );
  await worker.waitUntilReady();
  console.log('ready');
  process.stdin.once('data', finish);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
