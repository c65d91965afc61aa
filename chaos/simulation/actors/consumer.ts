import type { BatchConsumerOptions } from '@tripline/messaging';

import { processBatch } from '../../../libs/messaging/src/consumer/batch-processor';
import { DEFAULT_LIMITS } from '../../../libs/messaging/src/consumer/batch-consumer';
import { OffsetCommitter } from '../../../libs/messaging/src/consumer/offset-committer';
import { PartitionSlots } from '../../../libs/messaging/src/consumer/partition-slots';
import { ProgressTracker } from '../../../libs/messaging/src/consumer/progress-tracker';
import type { SimProcess } from '../kernel/sim-process';
import type { Membership } from '../model/consumer-group';
import type { Fetched } from '../model/kafka';
import type { System } from '../system';

const HEARTBEAT_MS = 3_000;
const FETCH_WAIT_MS = 3_000;
interface Offsets {
  readonly topics: { readonly partitions: { readonly partition: number; readonly offset: string }[] }[];
}
/** The batch as the client sees it. */
type EachBatchPayload = Parameters<typeof processBatch>[0];

const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A group member that behaves like kafkajs and calls the real batch handler. */
export class SimConsumer {
  #isStopping = false;
  #lastBeat = 0;
  #membership: Membership | null = null;
  readonly #offsets = new Map<number, bigint>();
  readonly #commits = new OffsetCommitter();
  readonly #slots: PartitionSlots;
  readonly #system: System;
  readonly #process: SimProcess;
  readonly #handler: BatchConsumerOptions['handler'];

  constructor(system: System, process: SimProcess, handler: BatchConsumerOptions['handler']) {
    this.#system = system;
    this.#process = process;
    this.#handler = handler;
    this.#slots = new PartitionSlots(process.monotonicMs);
  }

  /** Runs until stopped; rejoins after any error. */
  async run(): Promise<void> {
    while (!this.#isStopping) {
      try {
        await this.#session();
      } catch {
        await this.#process.sleep(this.#system.world.random.between(200, 1_000));
      }
    }
    await this.#slots.idle();
    await this.#commits.flush();
    const { kafka } = this.#system;
    await kafka.server.call(this.#process, 'leave', () => kafka.group.leave(this.#process.name)).catch(() => undefined);
  }

  /** Finishes the current chunk and leaves the group. */
  stop(): void {
    this.#isStopping = true;
  }

  async #session(): Promise<void> {
    const { kafka, wiring } = this.#system;
    const membership = await kafka.join(this.#process, this.#process.name);
    this.#membership = membership;
    this.#slots.onAssigned();
    this.#commits.forget();
    this.#lastBeat = this.#process.monotonicMs();
    this.#offsets.clear();
    for (const partition of membership.partitions) {
      const offset = await kafka.server.call(this.#process, `offset ${partition}`, () => {
        const start = wiring.consumer.fromBeginning ? 0n : kafka.topic.highWatermark(partition);
        return kafka.group.committed.get(partition) ?? start;
      });
      this.#offsets.set(partition, offset);
    }
    while (!this.#isStopping) {
      const most = this.#system.world.random.between(1, 25);
      const fetched = await kafka.fetch(this.#process, this.#offsets, most, FETCH_WAIT_MS);
      if (fetched !== null) await this.#handle(fetched);
      await this.#heartbeat();
    }
  }

  async #handle(fetched: Fetched): Promise<void> {
    const { consumer } = this.#system.wiring;
    const { partition, records } = fetched;
    const next = (records.at(-1)?.offset ?? -1n) + 1n;
    if (consumer.commitFirst) await this.#commit(partition, next);
    await processBatch(this.#payloadOf(fetched), {
      handler: this.#handler,
      onBatchStart: undefined,
      limits: { ...DEFAULT_LIMITS, maxRecords: this.#system.world.random.pick([1, 1, 2, 3, 12]) },
      progress: new ProgressTracker(),
      slots: this.#slots,
      commits: this.#commits,
      logger: SILENT,
      onProgress: () => undefined,
      isStopping: () => this.#isStopping,
      seek: (_topic, at, offset) => void this.#offsets.set(at, offset),
    });
    if (!consumer.autoResolve) return;
    this.#offsets.set(partition, next);
    await this.#commit(partition, next);
  }

  #payloadOf({ partition, records, highWatermark }: Fetched): EachBatchPayload {
    const { topic } = this.#system.kafka;
    const payload = {
      batch: {
        topic: topic.name,
        partition,
        highWatermark: highWatermark.toString(),
        messages: records.map(({ offset, appendedAt, value }) => ({
          offset: offset.toString(),
          timestamp: String(appendedAt),
          key: null,
          value,
          headers: {},
          attributes: 0,
        })),
      },
      isRunning: () => !this.#isStopping,
      isStale: () => false,
      heartbeat: () => this.#heartbeat(),
      resolveOffset: (offset: string) => void this.#offsets.set(partition, BigInt(offset) + 1n),
      commitOffsetsIfNecessary: async (offsets: Offsets) => {
        for (const part of offsets.topics[0]?.partitions ?? []) await this.#commit(part.partition, BigInt(part.offset));
      },
    };
    return payload as unknown as EachBatchPayload;
  }

  async #heartbeat(): Promise<void> {
    const { kafka } = this.#system;
    if (this.#process.monotonicMs() - this.#lastBeat < HEARTBEAT_MS) return;
    const generation = this.#membership?.generation ?? -1;
    await kafka.server.call(this.#process, 'heartbeat', () => kafka.group.heartbeat(this.#process.name, generation));
    this.#lastBeat = this.#process.monotonicMs();
  }

  async #commit(partition: number, offset: bigint): Promise<void> {
    const { kafka } = this.#system;
    const generation = this.#membership?.generation ?? -1;
    await kafka.server.call(this.#process, `commit ${partition}:${offset}`, () =>
      kafka.group.commit(this.#process.name, generation, partition, offset),
    );
  }
}
