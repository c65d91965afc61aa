import { randomUUID } from 'node:crypto';

import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';

import type { KafkaConnection } from '../connection/kafka-connection';
import { chunksOf } from '../consumer/chunks';
import { lagOf } from '../consumer/offsets';
import { MessagingError } from '../errors';
import { fromClientMessage } from '../messages/from-client';
import type { IncomingChunk } from '../messages/message';
import type { PartitionOffsets, ReadRangeOptions } from '../ports';

/** Without a record for this long the read fails, because some offsets may never arrive (compacted or deleted meanwhile). */
const SILENCE_LIMIT_MS = 20_000;
const DEFAULT_CHUNK = { maxRecords: 200, maxBytes: 256 * 1024 };

/**
 * Reads [low, high) of every partition through its own group that commits nothing, so no other group's offsets change; see
 * `TopicAdmin.readRange`.
 */
export async function readRange(
  connection: KafkaConnection,
  topic: string,
  ranges: readonly PartitionOffsets[],
  onBatch: (batch: IncomingChunk) => void | Promise<void>,
  options: ReadRangeOptions = {},
): Promise<number> {
  const reader = new RangeReader(topic, ranges, onBatch, options);
  if (reader.isDone() || options.signal?.aborted === true) return 0;
  const groupId = `tripline-read-${randomUUID()}`;
  const consumer = connection.kafka.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 100 });
  try {
    await reader.read(consumer);
  } finally {
    await consumer.disconnect();
  }
  return reader.count;
}

class RangeReader {
  count = 0;
  readonly #next = new Map<number, bigint>();
  readonly #ends = new Map<number, bigint>();
  #silence: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(
    private readonly topic: string,
    ranges: readonly PartitionOffsets[],
    private readonly onBatch: (batch: IncomingChunk) => void | Promise<void>,
    private readonly options: ReadRangeOptions,
  ) {
    for (const { partition, low, high } of ranges) {
      if (lagOf(low, high) === 0) continue;
      this.#next.set(partition, low);
      this.#ends.set(partition, high);
    }
  }

  isDone(): boolean {
    return this.#ends.size === 0;
  }

  async read(consumer: Consumer): Promise<void> {
    const { topic } = this;
    const { signal, partitionsAtOnce = 1 } = this.options;
    let finish: () => void = () => undefined;
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        finish = resolve;
        signal?.addEventListener('abort', finish);
        if (signal?.aborted === true) resolve();
        this.#silence = setTimeout(() => reject(this.#silenceError()), SILENCE_LIMIT_MS);
        consumer.on(consumer.events.CRASH, ({ payload }) => {
          if (!payload.restart) reject(payload.error);
        });
        // Nothing is committed, so after each (re)join the client would start at the oldest record.
        consumer.on(consumer.events.GROUP_JOIN, () => {
          for (const partition of this.#ends.keys()) {
            consumer.seek({ topic, partition, offset: (this.#next.get(partition) ?? 0n).toString() });
          }
        });
        const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
          try {
            await this.#handle(payload);
          } catch (error) {
            return reject(error);
          }
          if (this.isDone()) resolve();
        };
        consumer.run({ autoCommit: false, partitionsConsumedConcurrently: partitionsAtOnce, eachBatch }).catch(reject);
      });
    } finally {
      this.#isStopped = true;
      clearTimeout(this.#silence);
      signal?.removeEventListener('abort', finish);
    }
  }

  async #handle({ batch, heartbeat }: EachBatchPayload): Promise<void> {
    this.#silence?.refresh();
    const { partition } = batch;
    const end = this.#ends.get(partition);
    if (end === undefined) return;
    const isWanted = ({ offset }: KafkaMessage): boolean =>
      BigInt(offset) >= (this.#next.get(partition) ?? 0n) && BigInt(offset) < end;
    for (const records of chunksOf(batch.messages.filter(isWanted), { ...DEFAULT_CHUNK, ...this.options.chunk })) {
      if (!this.#isRunning()) return;
      const messages = records.map(fromClientMessage);
      await this.onBatch({
        topic: this.topic,
        partition,
        highWatermark: BigInt(batch.highWatermark),
        messages,
        heartbeat,
        isRunning: () => this.#isRunning(),
      });
      this.count += messages.length;
      this.#next.set(partition, (messages.at(-1)?.offset ?? 0n) + 1n);
      this.#silence?.refresh();
      await heartbeat();
    }
    if (BigInt(batch.lastOffset()) + 1n >= end) this.#ends.delete(partition);
  }

  #isRunning(): boolean {
    return !this.#isStopped && this.options.signal?.aborted !== true;
  }

  #silenceError(): MessagingError {
    const missing = [...this.#ends.keys()].join(', ');
    return new MessagingError(
      'timeout',
      `topic ${this.topic}: no more records arrived; unfinished partitions: ${missing}`,
    );
  }
}
