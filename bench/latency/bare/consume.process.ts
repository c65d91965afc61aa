/**
 * kafkajs with default settings, one committed insert per batch, one BullMQ `add` per record that should start a job. Arguments:
 * brokers, topic, database URL, Redis URL, queue. Prints `ready` when it has its partitions; its parent stops it.
 */
import { randomUUID } from 'node:crypto';

import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';

const [brokers = '', topic = '', databaseUrl = '', redisUrl = '', queueName = ''] = process.argv.slice(2);

interface BareSignal {
  readonly index: number;
  readonly at: number;
  readonly isMatch: boolean;
}

async function main(): Promise<void> {
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  await database.query('CREATE TABLE IF NOT EXISTS bare_signals (id bigint, at double precision)');
  const queue = new Queue(queueName, { connection: new Redis(redisUrl, { maxRetriesPerRequest: null }) });
  const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'bench-consume', logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `bare-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic] });
  consumer.on(consumer.events.GROUP_JOIN, () => console.log('ready'));
  await consumer.run({
    eachBatch: async ({ batch }) => {
      const signals = batch.messages.map(({ value }) => JSON.parse(value?.toString() ?? '{}') as BareSignal);
      const matched = signals.filter(({ isMatch }) => isMatch);
      if (matched.length === 0) return;
      await database.query({
        name: 'bare-insert',
        text: 'INSERT INTO bare_signals SELECT * FROM unnest($1::bigint[], $2::double precision[])',
        values: [matched.map(({ index }) => index), matched.map(({ at }) => at)],
      });
      await Promise.all(matched.map(({ index, at }) => queue.add('bare', { index, at })));
    },
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
