import type { TopicContract } from '@tripline/contracts';
import type { Clock, Component } from '@tripline/runtime';

import type { KafkaErrorKind } from './errors';
import type {
  IncomingChunk,
  IncomingMessage,
  MessagingLogger,
  OutgoingMessage,
  PartitionProgress,
} from './messages/message';

export interface PublishedEvent {
  readonly topic: string;
  readonly count: number;
  /** From `send()` to the acknowledgement by all in-sync replicas, including time in the queue. */
  readonly seconds: number;
}
export interface PublishFailedEvent {
  readonly topic: string;
  readonly count: number;
  readonly error: KafkaErrorKind;
}

export interface MessageProducer extends Component {
  /**
   * Resolves when all in-sync replicas have every message. Rejects when that is unknown; any part of the messages may then be
   * stored, so send them again under the same identity. Concurrent calls for one topic share one request. Throws
   * `MessageTooLargeError` or `SendQueueFullError` at once.
   */
  send(topic: string, messages: readonly OutgoingMessage[]): Promise<void>;
}

export interface ProducerOptions {
  /** Largest key + value + headers of one message, bytes. Default 65536. */
  readonly maxMessageBytes?: number;
  /** Largest batched request, bytes. Default 524288, which stays below the topic's 1 MiB batch limit even on one partition. */
  readonly maxRequestBytes?: number;
  /** Most bytes waiting in the process before `send` rejects. Default 33554432. */
  readonly maxQueuedBytes?: number;
  /** How often a failed request is retried before `send` rejects, at least 1. Default 8; reconnecting has its own 20 s. */
  readonly maxRetries?: number;
  /** How long `stop()` waits for queued messages, ms. Default 10000. */
  readonly drainTimeoutMs?: number;
  readonly onPublished?: (event: PublishedEvent) => void;
  readonly onPublishFailed?: (event: PublishFailedEvent) => void;
}

export interface BatchStart {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: bigint;
  readonly highWatermark: bigint;
  /** Makes the consumer drop what it fetched of this partition and continue from `offset`. */
  seek(offset: bigint): void;
}

export interface BatchConsumer extends Component {
  /** Epoch ms (of the given clock) of the last answered fetch; null before the first. */
  lastPollAt(): number | null;
  /** Progress of each assigned partition that has delivered records since the last assignment. */
  progress(): PartitionProgress[];
  /** True between joining the group and losing or leaving it. */
  isAssigned(): boolean;
}

export interface ConsumerLimits {
  /** Most records per handler call. Default 200. */
  readonly maxRecords: number;
  /** Most bytes per handler call. Default 262144. */
  readonly maxBytes: number;
  /** Bytes requested of one partition per fetch. Default 1048576. */
  readonly maxBytesPerPartition: number;
  /** Bytes requested of all partitions per fetch. Default 4194304. */
  readonly maxBytesPerFetch: number;
  /** Longest time the broker waits for new records, ms. Default 250. */
  readonly maxWaitMs: number;
  /** The group removes a member without a heartbeat for this long, ms. Default 15000. */
  readonly sessionTimeoutMs: number;
  /** Longest the group waits for a member to rejoin, ms. Default 30000. */
  readonly rebalanceTimeoutMs: number;
  /** Time between heartbeats, ms. Default 3000. */
  readonly heartbeatIntervalMs: number;
  /** No answered fetch or heartbeat for this long means the consumer hangs: `onCrash`. Default 60000. */
  readonly maxIdleMs: number;
  /** Partitions handled at the same time. Default 1. */
  readonly partitionsAtOnce: number;
}

export interface BatchConsumerOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Must resolve only when the whole chunk is durable; its offsets are committed after that. A throw means redelivery. */
  readonly handler: (batch: IncomingChunk) => Promise<void>;
  /** The consumer is dead and will not recover: log and exit(1). Called at most once. */
  readonly onCrash: (error: Error) => void;
  /** Called before the first chunk of every fetched batch, e.g. to detect gaps. */
  readonly onBatchStart?: (start: BatchStart) => void | Promise<void>;
  readonly limits?: Partial<ConsumerLimits>;
  readonly clock?: Clock;
  readonly logger?: MessagingLogger;
}

export interface PartitionOffsets {
  readonly partition: number;
  /** Offset of the oldest retained record. */
  readonly low: bigint;
  /** Offset the next record will get. */
  readonly high: bigint;
}
export interface PartitionOffset {
  readonly partition: number;
  readonly offset: bigint;
}

export interface ReadRangeOptions {
  /** Most records and bytes per call of `onBatch`. Default 200, 262144. */
  readonly chunk?: { readonly maxRecords?: number; readonly maxBytes?: number };
  /** Partitions handled at the same time. Default 1. */
  readonly partitionsAtOnce?: number;
  /** Ends the read early, after the chunk in progress; resolves with the number of records read. */
  readonly signal?: AbortSignal | undefined;
}

export interface GroupLag {
  readonly partition: number;
  /** Null when the group has committed nothing yet. */
  readonly committed: bigint | null;
  readonly lag: bigint;
}

export interface TopicAdmin extends Component {
  /** Creates the topic or adds partitions; never shrinks. With KAFKA_TOPIC_MANAGEMENT=false only checks that it exists. */
  ensureTopic(contract: TopicContract, size: { partitions: number; replicationFactor: number }): Promise<void>;
  offsets(topic: string): Promise<PartitionOffsets[]>;
  groupLag(groupId: string, topic: string): Promise<GroupLag[]>;
  deleteTopic(topic: string): Promise<void>;
  /** Deletes the records before the given offset of each partition, as retention does. */
  deleteRecords(topic: string, before: readonly { partition: number; offset: bigint }[]): Promise<void>;
  /** Deletes the committed offsets of a group, which must have no members. */
  deleteGroup(groupId: string): Promise<void>;
  /** Returns for each partition the first offset appended at or after `atMs` (epoch ms), or the end offset if there is none. */
  offsetsAt(topic: string, atMs: number): Promise<PartitionOffset[]>;
  /**
   * Reads [low, high) of these partitions, each in log order, waiting for `onBatch`; returns the number of records. Commits
   * nothing and disturbs no group. Rejects with the error of `onBatch`, or with `timeout` when offsets of the range never arrive.
   */
  readRange(
    topic: string,
    ranges: readonly PartitionOffsets[],
    onBatch: (batch: IncomingChunk) => void | Promise<void>,
    options?: ReadRangeOptions,
  ): Promise<number>;
  /** Reads every partition from its oldest record to its end offset at the time of the call; returns the number of records. */
  readAll(topic: string, onMessage: (message: IncomingMessage & { partition: number }) => void): Promise<number>;
}
