import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { createLocalStack, findProgram, stopRunning, type LocalStack } from '..';

const CACHE_DIR = resolve(__dirname, '../../../.local/cache');

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'stack-')), 'stack');
});
afterEach(async () => {
  delete process.env['TRIPLINE_MAVEN'];
  await stopRunning(dir, () => undefined);
  rmSync(resolve(dir, '..'), { recursive: true, force: true });
});

function createStack(report: (line: string) => void, cacheDir = CACHE_DIR): LocalStack {
  return createLocalStack({
    dir,
    cacheDir,
    components: ['kafka'],
    environment: {},
    ports: { kafka: [28_000, 28_001] },
    report,
  });
}

/** Produces one message and reads it back. */
async function roundTrip(brokers: string, topic: string): Promise<string | undefined> {
  // A fresh broker answers "coordinator is loading" to the first group, which calls for a retry. A consumer ignores
  // its client's retries and has five of its own.
  const retry = { retries: 240, initialRetryTime: 250, maxRetryTime: 250 };
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING, retry });
  const producer = kafka.producer({ allowAutoTopicCreation: true });
  await producer.connect();
  await producer.send({ topic, messages: [{ key: 'a', value: 'there and back' }] });
  await producer.disconnect();
  const consumer = kafka.consumer({ groupId: `${topic}-group`, retry });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  try {
    return await new Promise((resolveMessage, reject) => {
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
      void consumer.run({
        eachMessage: async ({ message }) => resolveMessage(message.value?.toString()),
      });
    });
  } finally {
    await consumer.disconnect();
  }
}

describe('Kafka of the local stack', () => {
  it('is a real broker that keeps its topics through a kill', async () => {
    const stack = createStack(() => undefined);
    const { kafkaBrokers = '', kafkaKind } = await stack.start();
    expect(kafkaKind).toBe('embedded');
    const admin = new Kafka({ brokers: [kafkaBrokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 3 }], waitForLeaders: true });
    await admin.disconnect();
    await stack.component('kafka').kill();
    await stack.component('kafka').start();
    expect(stack.addresses().kafkaBrokers).toBe(kafkaBrokers);
    expect(await roundTrip(kafkaBrokers, 'kept')).toBe('there and back');
  }, 120_000);

  const withKcat = findProgram('kcat') ? it : it.skip;
  withKcat(
    'falls back to a working mock when Maven is unavailable, and says so',
    async () => {
      const lines: string[] = [];
      process.env['TRIPLINE_MAVEN'] = '/nonexistent/mvn';
      // An empty cache and a missing program, so that Maven cannot be installed.
      const stack = createStack((line) => lines.push(line), join(dir, '..', 'empty-cache'));
      const { kafkaBrokers = '', kafkaKind } = await stack.start();
      expect(kafkaKind).toBe('mock');
      expect(lines.filter((line) => line.includes('in-memory mock'))).toHaveLength(1);
      expect(stack.environment()).toMatchObject({ KAFKA_IDEMPOTENT: 'false', KAFKA_TOPIC_MANAGEMENT: 'false' });
      expect(await roundTrip(kafkaBrokers, 'made-on-first-use')).toBe('there and back');
    },
    120_000,
  );
});
