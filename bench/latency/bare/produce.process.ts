/**
 * Offers records to the topic with bare kafkajs in an open loop. Arguments: brokers, topic, rate per second, seconds, n. Every n-th
 * record should start a job. The value holds the record's due time, epoch ms.
 */
import { Kafka, logLevel, Partitioners } from 'kafkajs';

import { dueMs, runOpenLoop } from '../../support/open-loop';

const [brokers = '', topic = '', rate = '0', seconds = '0', every = '1'] = process.argv.slice(2);
const PADDING = 'x'.repeat(240);
const KEYS = 200;

async function main(): Promise<void> {
  const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'bench-produce', logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const sends: Promise<unknown>[] = [];
  const ratePerSecond = Number(rate);
  const startsAt = performance.timeOrigin + performance.now();
  const { count } = await runOpenLoop({
    ratePerSecond,
    seconds: Number(seconds),
    send: (from, to) => {
      const messages = Array.from({ length: to - from }, (_, step) => {
        const index = from + step;
        const at = startsAt + dueMs(index, ratePerSecond);
        const value = JSON.stringify({ index, at, isMatch: index % Number(every) === 0, padding: PADDING });
        return { key: `key-${index % KEYS}`, value };
      });
      sends.push(producer.send({ topic, messages, acks: -1 }));
    },
  });
  await Promise.all(sends);
  await producer.disconnect();
  console.log(JSON.stringify({ count }));
  process.exit(0);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
