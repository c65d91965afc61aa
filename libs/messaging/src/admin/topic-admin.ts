import { setTimeout as delay } from 'node:timers/promises';

import type { TopicContract } from '@tripline/contracts';
import { type Admin, KafkaJSProtocolError } from 'kafkajs';

import type { KafkaConnection } from '../connection/kafka-connection';
import { MessagingError } from '../errors';
import { withPartition } from '../messages/from-client';
import type { GroupLag, PartitionOffset, PartitionOffsets, TopicAdmin } from '../ports';
import { readRange } from './read-range';

/** The broker's offset for "nothing committed". */
const NOTHING_COMMITTED = -1n;
/**
 * `max.message.bytes` limits a whole record batch, not one record: at the contract's record limit, the broker would reject
 * batches. The producer enforces the record limit; the decoder marks larger records of other producers as dead.
 */
const BATCH_BYTES_PER_MESSAGE_BYTES = 16;

const PASSING_TOPIC_ERRORS: ReadonlySet<string> = new Set([
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'UNKNOWN_TOPIC_OR_PARTITION',
]);
const ASK_INTERVAL_MS = 200;
const MAX_ASKS = 100;

/** Creates the admin port; `start()` connects. */
export function createTopicAdmin(connection: KafkaConnection): TopicAdmin {
  const admin = connection.kafka.admin({ retry: { retries: 12, initialRetryTime: 200, maxRetryTime: 1_000 } });
  let isConnected = false;

  return {
    name: 'kafka-admin',
    async start() {
      if (isConnected) return;
      await admin.connect();
      isConnected = true;
    },
    async stop() {
      if (!isConnected) return;
      isConnected = false;
      await admin.disconnect();
    },
    async ensureTopic(contract, size) {
      if (connection.config.topicManagement) await ensureTopic(admin, contract, size);
      await requireTopic(admin, contract.name);
    },
    offsets: (topic) => topicOffsets(admin, topic),
    groupLag: (groupId, topic) => groupLag(admin, groupId, topic),
    deleteTopic: (topic) => admin.deleteTopics({ topics: [topic] }),
    deleteRecords: (topic, before) =>
      admin.deleteTopicRecords({
        topic,
        partitions: before.map(({ partition, offset }) => ({ partition, offset: offset.toString() })),
      }),
    deleteGroup: (groupId) => deleteGroup(admin, groupId),
    offsetsAt: (topic, atMs) => offsetsAt(admin, topic, atMs),
    readRange: (topic, ranges, onBatch, options) => readRange(connection, topic, ranges, onBatch, options),
    async readAll(topic, onMessage) {
      return readRange(connection, topic, await topicOffsets(admin, topic), ({ partition, messages }) => {
        for (const message of messages) onMessage(withPartition(message, partition));
      });
    },
  };
}

async function ensureTopic(
  admin: Admin,
  contract: TopicContract,
  size: { partitions: number; replicationFactor: number },
): Promise<void> {
  const existing = await partitionCount(admin, contract.name);
  if (existing === 0) {
    // Resolves false when another process created the topic meanwhile.
    await admin.createTopics({
      // The client's own wait treats a broker that does not know the topic yet as a failure.
      waitForLeaders: false,
      topics: [
        {
          topic: contract.name,
          numPartitions: size.partitions,
          replicationFactor: size.replicationFactor,
          configEntries: [
            { name: 'max.message.bytes', value: String(contract.maxMessageBytes * BATCH_BYTES_PER_MESSAGE_BYTES) },
            { name: 'message.timestamp.type', value: 'LogAppendTime' },
          ],
        },
      ],
    });
    await untilKnown(async () => requireTopic(admin, contract.name));
    await untilKnown(() => admin.fetchTopicMetadata({ topics: [contract.name] }));
    return;
  }
  if (existing < size.partitions) {
    await admin.createPartitions({ topicPartitions: [{ topic: contract.name, count: size.partitions }] });
  }
}

/**
 * A new topic has no leaders for a moment, and a busy broker may not know it yet. Neither counts as a failure until some seconds
 * have passed.
 */
async function untilKnown<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || attempt >= MAX_ASKS) throw error;
      await delay(ASK_INTERVAL_MS);
    }
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof KafkaJSProtocolError) return PASSING_TOPIC_ERRORS.has(error.type);
  return error instanceof MessagingError && error.kind === 'unknown_topic';
}

async function partitionCount(admin: Admin, topic: string): Promise<number> {
  const topics = await admin.listTopics();
  if (!topics.includes(topic)) return 0;
  const metadata = await untilKnown(() => admin.fetchTopicMetadata({ topics: [topic] }));
  return metadata.topics[0]?.partitions.length ?? 0;
}

async function requireTopic(admin: Admin, topic: string): Promise<void> {
  if ((await admin.listTopics()).includes(topic)) return;
  throw new MessagingError(
    'unknown_topic',
    `topic ${topic} does not exist; create it or set KAFKA_TOPIC_MANAGEMENT=true`,
  );
}

/** A group that the broker does not know has no offsets to delete: a group that never committed ends with its last member. */
async function deleteGroup(admin: Admin, groupId: string): Promise<void> {
  const { groups } = await admin.describeGroups([groupId]);
  if (groups[0]?.state === 'Dead') return;
  await admin.deleteGroups([groupId]);
}

async function topicOffsets(admin: Admin, topic: string): Promise<PartitionOffsets[]> {
  const offsets = await untilKnown(() => admin.fetchTopicOffsets(topic));
  return offsets
    .map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) }))
    .sort((a, b) => a.partition - b.partition);
}

async function offsetsAt(admin: Admin, topic: string, atMs: number): Promise<PartitionOffset[]> {
  const offsets = await untilKnown(() => admin.fetchTopicOffsetsByTimestamp(topic, Math.ceil(Math.max(0, atMs))));
  return offsets
    .map(({ partition, offset }) => ({ partition, offset: BigInt(offset) }))
    .sort((a, b) => a.partition - b.partition);
}

async function groupLag(admin: Admin, groupId: string, topic: string): Promise<GroupLag[]> {
  const [committed, log] = await Promise.all([
    admin.fetchOffsets({ groupId, topics: [topic] }),
    topicOffsets(admin, topic),
  ]);
  const byPartition = new Map(
    committed[0]?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)] as const),
  );
  return log.map(({ partition, low, high }) => {
    const offset = byPartition.get(partition) ?? NOTHING_COMMITTED;
    const next = offset === NOTHING_COMMITTED || offset < low ? low : offset;
    return {
      partition,
      committed: offset === NOTHING_COMMITTED ? null : offset,
      lag: high > next ? high - next : 0n,
    };
  });
}
