import type { TopicContract } from '@tripline/contracts';
import { uniqueName } from '@tripline/testing';

import type {
  BatchConsumer,
  BatchConsumerOptions,
  IncomingChunk,
  IncomingMessage,
  MessageProducer,
  ProducerOptions,
  TopicAdmin,
} from '../src/index';
import { withPartition } from '../src/messages/from-client';

/** What a replacement for kafkajs must provide to run this suite. */
export interface MessagingPort {
  createProducer(options?: ProducerOptions): MessageProducer;
  createBatchConsumer(options: BatchConsumerOptions): BatchConsumer;
  createTopicAdmin(): TopicAdmin;
}

export interface Received extends IncomingMessage {
  readonly partition: number;
}

const PARTITIONS = 4;

/** Creates uniquely named topics and groups, and closes everything it opened. */
export function createHarness(port: MessagingPort) {
  const opened: { stop(): Promise<void> }[] = [];
  const topics: string[] = [];
  const admin = port.createTopicAdmin();

  async function topic(partitions = PARTITIONS, maxMessageBytes = 65_536): Promise<string> {
    const name = uniqueName('conformance');
    const contract: TopicContract = {
      name,
      schemaVersion: 1,
      key: 'test',
      defaultPartitions: partitions,
      maxMessageBytes,
    };
    await admin.ensureTopic(contract, { partitions, replicationFactor: 1 });
    topics.push(name);
    return name;
  }

  async function producer(options?: ProducerOptions): Promise<MessageProducer> {
    const made = port.createProducer(options);
    opened.push(made);
    await made.start();
    return made;
  }

  async function consumer(
    options: Pick<BatchConsumerOptions, 'topics' | 'handler'> & Partial<BatchConsumerOptions>,
  ): Promise<BatchConsumer & { crashes: Error[] }> {
    const crashes: Error[] = [];
    const made = port.createBatchConsumer({
      groupId: uniqueName('group'),
      onCrash: (error) => crashes.push(error),
      ...options,
    });
    opened.push(made);
    await made.start();
    return Object.assign(made, { crashes });
  }

  async function close(): Promise<void> {
    await Promise.allSettled(opened.splice(0).map((made) => made.stop()));
    await Promise.allSettled(topics.splice(0).map((name) => admin.deleteTopic(name)));
  }
  return { admin, topic, producer, consumer, close };
}

export function collector(): { received: Received[]; handler: (batch: IncomingChunk) => Promise<void> } {
  const received: Received[] = [];
  return {
    received,
    async handler({ partition, messages }) {
      received.push(...messages.map((message) => withPartition(message, partition)));
    },
  };
}
