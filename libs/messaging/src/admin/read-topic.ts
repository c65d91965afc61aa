import { randomUUID } from 'node:crypto';

import type { Batch, EachBatchPayload } from 'kafkajs';

import type { KafkaConnection } from '../connection/kafka-connection';
import { lagOf } from '../consumer/offsets';
import { MessagingError } from '../errors';
import { fromClientMessage, withPartition } from '../messages/from-client';
import type { IncomingMessage } from '../messages/message';
import type { PartitionOffsets } from '../ports';

/** Without a record for this long the read gives up: some offsets can never arrive (compacted, deleted meanwhile). */
const SILENCE_LIMIT_MS = 20_000;

/** Reads [low, high) of every partition through a group of its own that commits nothing; see `TopicAdmin.readAll`. */
export async function readTopic(
  connection: KafkaConnection,
  topic: string,
  range: readonly PartitionOffsets[],
  onMessage: (message: IncomingMessage & { partition: number }) => void,
): Promise<number> {
  const ends = new Map(
    range.filter(({ low, high }) => lagOf(low, high) > 0).map((part) => [part.partition, part.high]),
  );
  if (ends.size === 0) return 0;
  const nextOffsets = new Map<number, bigint>();
  const groupId = `tripline-read-${randomUUID()}`;
  const consumer = connection.kafka.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 100 });
  let count = 0;
  let silence: NodeJS.Timeout | undefined;
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      silence = setTimeout(() => {
        const missing = [...ends.keys()].join(', ');
        reject(new MessagingError('timeout', `topic ${topic}: no more records, partitions unfinished: ${missing}`));
      }, SILENCE_LIMIT_MS);
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(payload.error);
      });
      const readBatch = (batch: Batch): void => {
        const { partition } = batch;
        const end = ends.get(partition);
        if (end === undefined) return;
        for (const record of batch.messages) {
          const message = fromClientMessage(record);
          if (message.offset >= end) break;
          // Nothing is committed, so a rejoin starts from the beginning; what was seen is skipped.
          if (message.offset < (nextOffsets.get(partition) ?? 0n)) continue;
          nextOffsets.set(partition, message.offset + 1n);
          count += 1;
          onMessage(withPartition(message, partition));
        }
        if (BigInt(batch.lastOffset()) + 1n >= end) ends.delete(partition);
      };
      const eachBatch = async ({ batch, heartbeat }: EachBatchPayload): Promise<void> => {
        silence?.refresh();
        try {
          readBatch(batch);
        } catch (error) {
          return reject(error);
        }
        if (ends.size === 0) resolve();
        else await heartbeat();
      };
      consumer.run({ autoCommit: false, eachBatch }).catch(reject);
    });
  } finally {
    clearTimeout(silence);
    await consumer.disconnect();
  }
  return count;
}
