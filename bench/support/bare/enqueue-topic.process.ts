/**
 * The bare path from a topic to jobs: kafkajs with default settings, `JSON.parse` of each value, one `addBulk` per batch,
 * then its offsets. Prints `started` with the time of the first batch.
 * Arguments: brokers, topic, number of records, redis url, prefix, queue. Prints one JSON object.
 */
import { randomUUID } from 'node:crypto';

import { Queue } from 'bullmq';
import { Kafka, logLevel } from 'kafkajs';

const [brokers = '', topic = '', total = '0', url = '', prefix = '', queueName = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const queue = new Queue(queueName, { connection: { url }, prefix });
  await queue.waitUntilReady();
  const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'bench-bare', logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `bare-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let seen = 0;
  let startedAt = 0;
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachBatch: async ({ batch }) => {
          startedAt ||= Date.now();
          const jobs = batch.messages.map(({ value }) => {
            const signal = JSON.parse(value?.toString() ?? '{}') as { signal_id: string };
            return { name: 'signal', data: { signalId: signal.signal_id } };
          });
          await queue.addBulk(jobs);
          seen += batch.messages.length;
          if (seen >= Number(total)) resolve();
        },
      })
      .catch(reject);
  });
  console.log(JSON.stringify({ records: seen, startedAt }));
  process.exit(0);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
