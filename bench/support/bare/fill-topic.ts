import { CompressionTypes, Kafka, logLevel, Partitioners } from 'kafkajs';

export interface TopicRecord {
  readonly key: string;
  readonly value: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const RECORDS_PER_SEND = 2_000;
const SENDS_AT_ONCE = 4;

/** Creates a topic and fills it as fast as one producer can, before the measurement begins. */
export async function fillTopic(options: {
  readonly brokers: string;
  readonly topic: string;
  readonly partitions: number;
  readonly count: number;
  readonly recordOf: (index: number) => TopicRecord;
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
}): Promise<void> {
  const { brokers, topic, partitions, count, recordOf, signal, report } = options;
  const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'bench-fill', logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const configEntries = [
    { name: 'message.timestamp.type', value: 'LogAppendTime' },
    { name: 'max.message.bytes', value: String(1 << 20) },
  ];
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: partitions, configEntries }] });
  await admin.disconnect();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const startedAt = performance.now();
  try {
    let next = 0;
    const send = async (): Promise<void> => {
      while (next < count) {
        signal.throwIfAborted();
        const from = next;
        next = Math.min(count, from + RECORDS_PER_SEND);
        const messages = Array.from({ length: next - from }, (_, step) => ({ ...recordOf(from + step) }));
        await producer.send({ topic, messages, acks: -1, compression: CompressionTypes.None });
        if (Math.floor(from / 200_000) !== Math.floor(next / 200_000)) report(`${next} of ${count} signals published`);
      }
    };
    await Promise.all(Array.from({ length: SENDS_AT_ONCE }, send));
  } finally {
    await producer.disconnect();
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  report(`${count} signals wait in Kafka (published in ${seconds.toFixed(1)} s, ${Math.round(count / seconds)}/s)`);
}

/** Removes a topic to free its disk space for the next bench. */
export async function removeTopic(brokers: string, topic: string): Promise<void> {
  const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'bench-fill', logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
}
