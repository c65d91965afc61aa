import type { PartitionProgress } from '../messages/message';
import { lagOf } from './offsets';

/** Tracks the progress of each assigned partition. */
export class ProgressTracker {
  readonly #progress = new Map<string, PartitionProgress>();

  record(topic: string, partition: number, nextOffset: bigint, highWatermark: bigint): void {
    const lag = lagOf(nextOffset, highWatermark);
    this.#progress.set(`${topic}/${partition}`, { topic, partition, nextOffset, highWatermark, lag });
  }

  /** Drops the partitions that are no longer assigned. */
  keepOnly(assigned: Readonly<Record<string, readonly number[]>>): void {
    for (const [key, { topic, partition }] of this.#progress) {
      if (!assigned[topic]?.includes(partition)) this.#progress.delete(key);
    }
  }

  all(): PartitionProgress[] {
    return [...this.#progress.values()];
  }
}
