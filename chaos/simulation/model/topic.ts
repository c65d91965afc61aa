import type { TopicRecord } from '@tripline/audit';
import type { Signal } from '@tripline/triggers';

/** A record as a producer sends it. */
export interface ProducedRecord {
  readonly value: Buffer | null;
  /** The intended signal, known only to the producer; null for poison. */
  readonly signal: Signal | null;
}

export interface LogRecord extends ProducedRecord {
  readonly offset: bigint;
  readonly appendedAt: number;
}

/**
 * The log of one topic. Consumers see a record only once it is acknowledged (the high watermark). A crash of the broker
 * loses unacknowledged records.
 */
export class Topic {
  readonly name = 'trading-signals';
  readonly #partitions: LogRecord[][];
  readonly #acked: number[];

  constructor(partitions: number) {
    this.#partitions = Array.from({ length: partitions }, () => []);
    this.#acked = this.#partitions.map(() => 0);
  }

  get partitions(): number {
    return this.#partitions.length;
  }

  /** Incremented by every crash that may have lost records. */
  crashes = 0;

  append(partition: number, records: readonly ProducedRecord[], now: number): void {
    const log = this.#log(partition);
    for (const record of records) log.push({ ...record, offset: BigInt(log.length), appendedAt: now });
  }

  /** All in-sync replicas now hold all appended records. */
  acknowledge(partition: number): void {
    this.#acked[partition] = this.#log(partition).length;
  }

  loseUnacknowledged(): void {
    this.crashes += 1;
    this.#partitions.forEach((log, partition) => log.splice(this.#acked[partition] ?? 0));
  }

  highWatermark(partition: number): bigint {
    return BigInt(this.#acked[partition] ?? 0);
  }

  read(partition: number, from: bigint, most: number): readonly LogRecord[] {
    const end = Math.min(Number(from) + most, this.#acked[partition] ?? 0);
    return this.#log(partition).slice(Number(from), end);
  }

  /** K of the audit snapshot: all records that a reader from the beginning sees. */
  records(): TopicRecord[] {
    return this.#partitions.flatMap((log, partition) =>
      log.slice(0, this.#acked[partition]).map(({ offset, appendedAt, signal }) => ({
        topic: this.name,
        partition,
        offset,
        appendedAt,
        signal,
      })),
    );
  }

  #log(partition: number): LogRecord[] {
    const log = this.#partitions[partition];
    if (log === undefined) throw new RangeError(`no partition ${partition}`);
    return log;
  }
}
