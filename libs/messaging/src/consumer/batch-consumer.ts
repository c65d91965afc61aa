import { systemClock, type Clock } from '@tripline/runtime';
import type { Consumer, ConsumerCrashEvent } from 'kafkajs';

import type { KafkaConnection } from '../connection/kafka-connection';
import { ConsumerCrashError } from '../errors';
import type { PartitionProgress } from '../messages/message';
import type { BatchConsumer, BatchConsumerOptions, ConsumerLimits } from '../ports';
import { processBatch } from './batch-processor';
import { OffsetCommitter } from './offset-committer';
import { SMALL_CHUNK_RECORDS } from './chunks';
import { PartitionSlots } from './partition-slots';
import { ProgressTracker } from './progress-tracker';
import { createWatchdog, type Watchdog } from './watchdog';

export const DEFAULT_LIMITS: ConsumerLimits = {
  maxRecords: SMALL_CHUNK_RECORDS,
  maxBytes: 256 * 1024,
  maxBytesPerPartition: 1024 * 1024,
  maxBytesPerFetch: 4 * 1024 * 1024,
  maxWaitMs: 250,
  sessionTimeoutMs: 15_000,
  rebalanceTimeoutMs: 30_000,
  heartbeatIntervalMs: 3_000,
  maxIdleMs: 60_000,
  partitionsAtOnce: 1,
};

/**
 * Creates a group consumer that delivers chunks at least once, in log order per partition. Assume duplicates: after a
 * rebalance, a crash or a pause of the process, two members may handle the same chunk.
 */
export function createBatchConsumer(options: BatchConsumerOptions & { connection: KafkaConnection }): BatchConsumer {
  return new GroupConsumer(options);
}

class GroupConsumer implements BatchConsumer {
  readonly name: string;
  readonly #options: BatchConsumerOptions & { connection: KafkaConnection };
  readonly #limits: ConsumerLimits;
  readonly #clock: Clock;
  readonly #progress = new ProgressTracker();
  readonly #commits = new OffsetCommitter();
  readonly #slots: PartitionSlots;
  readonly #watchdog: Watchdog;
  #client: Consumer | undefined;
  #lastPollAt: number | null = null;
  #isAssigned = false;
  #isStopping = false;
  #hasCrashed = false;

  constructor(options: BatchConsumerOptions & { connection: KafkaConnection }) {
    this.name = `kafka-consumer ${options.groupId}`;
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#clock = options.clock ?? systemClock;
    const monotonicMs = (): number => this.#clock.monotonicMs();
    this.#slots = new PartitionSlots(monotonicMs);
    this.#watchdog = createWatchdog({
      maxIdleMs: this.#limits.maxIdleMs,
      monotonicMs,
      oldestActivity: () => this.#slots.oldestActivity(),
      onIdle: (idleMs) => {
        this.#crash(new ConsumerCrashError(`no fetch or heartbeat for ${Math.round(idleMs)} ms`));
      },
    });
  }

  lastPollAt(): number | null {
    return this.#lastPollAt;
  }

  progress(): PartitionProgress[] {
    return this.#progress.all();
  }

  isAssigned(): boolean {
    return this.#isAssigned;
  }

  async start(): Promise<void> {
    if (this.#client !== undefined) return;
    this.#isStopping = false;
    const client = this.#createClient();
    this.#client = client;
    this.#listen(client);
    try {
      await client.connect();
      await client.subscribe({ topics: [...this.#options.topics], fromBeginning: true });
      this.#watchdog.start();
      await client.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: this.#limits.partitionsAtOnce,
        eachBatch: (payload) => processBatch(payload, this.#processorDeps(client)),
      });
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    this.#client = undefined;
    this.#isStopping = true;
    this.#watchdog.stop();
    await this.#slots.idle();
    await this.#commits.flush();
    await client.disconnect();
    this.#isAssigned = false;
  }

  #createClient(): Consumer {
    const limits = this.#limits;
    return this.#options.connection.kafka.consumer({
      groupId: this.#options.groupId,
      allowAutoTopicCreation: false,
      sessionTimeout: limits.sessionTimeoutMs,
      rebalanceTimeout: limits.rebalanceTimeoutMs,
      heartbeatInterval: limits.heartbeatIntervalMs,
      maxBytesPerPartition: limits.maxBytesPerPartition,
      maxBytes: limits.maxBytesPerFetch,
      maxWaitTimeInMs: limits.maxWaitMs,
      // Long enough to keep the membership across a broker restart (a new member waits for the old session to expire). Short
      // enough that a handler that keeps failing, and so sends no heartbeat, gives up its partitions within about ten seconds.
      retry: { retries: 10, initialRetryTime: 200, maxRetryTime: 1_000 },
    });
  }

  #listen(client: Consumer): void {
    const { events } = client;
    client.on(events.FETCH, () => {
      this.#lastPollAt = this.#clock.now();
      this.#watchdog.touch();
    });
    client.on(events.HEARTBEAT, () => this.#watchdog.touch());
    client.on(events.GROUP_JOIN, ({ payload }) => {
      this.#isAssigned = true;
      this.#watchdog.touch();
      this.#slots.onAssigned();
      this.#commits.forget();
      this.#progress.keepOnly(payload.memberAssignment);
      this.#log('consumer_joined', { member_id: payload.memberId, assignment: payload.memberAssignment });
    });
    client.on(events.REBALANCING, () => {
      this.#isAssigned = false;
      this.#log('consumer_rebalancing', {});
    });
    client.on(events.CRASH, (event) => this.#onClientCrash(event));
  }

  #onClientCrash({ payload }: ConsumerCrashEvent): void {
    this.#isAssigned = false;
    if (payload.restart) {
      this.#options.logger?.warn(
        { event: 'consumer_restarting', group: this.#options.groupId, err: payload.error },
        'consumer failed; restarting',
      );
      return;
    }
    this.#crash(new ConsumerCrashError('the consumer failed permanently', { cause: payload.error }));
  }

  #crash(error: ConsumerCrashError): void {
    if (this.#hasCrashed || this.#isStopping) return;
    this.#hasCrashed = true;
    this.#watchdog.stop();
    this.#isAssigned = false;
    this.#options.logger?.error(
      { event: 'consumer_crashed', group: this.#options.groupId, err: error },
      'consumer failed permanently',
    );
    this.#options.onCrash(error);
  }

  #processorDeps(client: Consumer): Parameters<typeof processBatch>[1] {
    const { handler, onBatchStart, logger, connection } = this.#options;
    return {
      handler,
      onBatchStart,
      limits: this.#limits,
      progress: this.#progress,
      slots: this.#slots,
      commits: this.#commits,
      logger: logger ?? connection.logger,
      onProgress: () => this.#watchdog.touch(),
      isStopping: () => this.#isStopping,
      seek: (topic, partition, offset) => client.seek({ topic, partition, offset: offset.toString() }),
    };
  }

  #log(event: string, fields: Record<string, unknown>): void {
    this.#options.logger?.info({ event, group: this.#options.groupId, ...fields }, 'consumer group changed');
  }
}
