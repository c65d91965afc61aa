import type { PartitionPosition } from '../messages/message';
import { lagOf } from './offsets';

/** Remembers how far each assigned partition was handled. */
export class PositionTracker {
  readonly #positions = new Map<string, PartitionPosition>();

  record(topic: string, partition: number, nextOffset: bigint, highWatermark: bigint): void {
    const lag = lagOf(nextOffset, highWatermark);
    this.#positions.set(`${topic}/${partition}`, { topic, partition, nextOffset, highWatermark, lag });
  }

  /** Drops the partitions that are no longer assigned. */
  keepOnly(assigned: Readonly<Record<string, readonly number[]>>): void {
    for (const [key, { topic, partition }] of this.#positions) {
      if (!assigned[topic]?.includes(partition)) this.#positions.delete(key);
    }
  }

  all(): PartitionPosition[] {
    return [...this.#positions.values()];
  }
}
