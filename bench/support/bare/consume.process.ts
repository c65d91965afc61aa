/**
 * The ceiling for everything that reads the topic: kafkajs with default settings, `JSON.parse` of each value, offsets committed per
 * batch. Arguments: brokers, topic, number of records, number of warm-up records. Prints one JSON object.
 */
import { randomUUID } from 'node:crypto';

import { Kafka, logLevel } from 'kafkajs';

const [brokers = '', topic = '', total = '0', warmUp = '0'] = process.argv.slice(2);

async function main(): Promise<void> {
  const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'bench-bare', logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `bare-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const [count, skipped] = [Number(total), Number(warmUp)];
  let seen = 0;
  let startedAt = 0;
  let startedWith = 0;
  let checksum = 0;
  let cpuBefore = process.cpuUsage();
  const seconds = await new Promise<number>((resolve, reject) => {
    consumer
      .run({
        eachBatch: async ({ batch }) => {
          for (const { value } of batch.messages) {
            const message = JSON.parse(value?.toString() ?? '{}') as { tickers?: unknown[] };
            checksum += message.tickers?.length ?? 0;
          }
          seen += batch.messages.length;
          if (startedAt === 0 && seen >= skipped) {
            startedAt = performance.now();
            startedWith = seen;
            cpuBefore = process.cpuUsage();
          }
          if (seen >= count) resolve((performance.now() - startedAt) / 1_000);
        },
      })
      .catch(reject);
  });
  const { user, system } = process.cpuUsage(cpuBefore);
  console.log(
    JSON.stringify({ records: seen - startedWith, seconds, checksum, cpuSeconds: (user + system) / 1_000_000 }),
  );
  process.exit(0);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
