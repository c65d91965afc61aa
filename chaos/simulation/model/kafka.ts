import type { Server } from '../kernel/server';
import type { SimProcess } from '../kernel/sim-process';
import type { World } from '../kernel/world';
import { ConsumerGroup, GroupError, type Membership } from './consumer-group';
import { type LogRecord, type ProducedRecord, Topic } from './topic';

export const SESSION_MS = 15_000;
const JOIN_TIMEOUT_MS = 45_000;

/** A fetched range of one partition. */
export interface Fetched {
  readonly partition: number;
  readonly records: readonly LogRecord[];
  readonly highWatermark: bigint;
}

/** The broker: one topic and one group. */
export class Kafka {
  readonly server: Server;
  readonly topic: Topic;
  readonly group: ConsumerGroup;
  readonly #world: World;
  /** Fetches waiting for records. */
  #waiting: (() => void)[] = [];

  constructor(world: World, server: Server, partitions: number) {
    this.#world = world;
    this.server = server;
    this.topic = new Topic(partitions);
    this.group = new ConsumerGroup(world, { partitions, sessionMs: SESSION_MS });
  }

  /** Resolves when the records are acknowledged. A crash between append and acknowledgement loses them. */
  produce(process: SimProcess, partition: number, records: readonly ProducedRecord[]): Promise<void> {
    const appended = this.server.call(process, `produce ${partition}+${records.length}`, () => {
      this.topic.append(partition, records, this.#world.now);
      return this.topic.crashes;
    });
    return appended.then((crashes) =>
      this.server.call(process, `ack ${partition}`, () => {
        if (this.topic.crashes !== crashes) throw new Error('NOT_ENOUGH_REPLICAS_AFTER_APPEND');
        this.topic.acknowledge(partition);
        this.#wake();
      }),
    );
  }

  /** Resolves at the end of the rebalance that the join begins; a restarted coordinator has forgotten the rebalance. */
  async join(process: SimProcess, memberId: string): Promise<Membership> {
    let isDone = false;
    const membership = new Promise<Membership>((resolve, reject) => {
      const settle = (action: () => void): void => {
        if (isDone) return;
        isDone = true;
        process.deliver(action);
      };
      this.server
        .call(process, `join ${memberId}`, () => {
          this.group.join(memberId, (granted) => this.#world.at(1, () => settle(() => resolve(granted))));
        })
        .catch((error: unknown) => {
          isDone = true;
          reject(error as Error);
        });
      this.#world.at(JOIN_TIMEOUT_MS, () => settle(() => reject(new GroupError('REBALANCE_IN_PROGRESS'))));
    });
    return membership;
  }

  /** One partition's records from its current offset; empty if none arrive within `waitMs`. */
  async fetch(
    process: SimProcess,
    positions: ReadonlyMap<number, bigint>,
    most: number,
    waitMs: number,
  ): Promise<Fetched | null> {
    const found = await this.server.call(process, 'fetch', () => this.#read(positions, most));
    if (found !== null || positions.size === 0) {
      if (found === null) await process.sleep(waitMs);
      return found;
    }
    await new Promise<void>((resolve) => {
      let isDone = false;
      const wake = (): void => {
        if (isDone) return;
        isDone = true;
        this.#waiting = this.#waiting.filter((other) => other !== wake);
        process.deliver(resolve);
      };
      this.#waiting.push(wake);
      this.#world.at(waitMs, wake);
    });
    return null;
  }

  #read(positions: ReadonlyMap<number, bigint>, most: number): Fetched | null {
    for (const partition of this.#world.random.shuffle([...positions.keys()])) {
      const records = this.topic.read(partition, positions.get(partition) ?? 0n, most);
      if (records.length > 0) return { partition, records, highWatermark: this.topic.highWatermark(partition) };
    }
    return null;
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) this.#world.at(1, wake);
  }
}
