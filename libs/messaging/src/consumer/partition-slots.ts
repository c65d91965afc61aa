import { SMALL_CHUNK_RECORDS } from './chunks';

/** Beyond this the consumer's chunk limit applies anyway. */
const MAX_DOUBLINGS = 20;

/**
 * The chunk in progress of one partition, at most one. Its handler may outlast the batch: the next batch is fetched and decoded
 * while the transaction is in progress. The next chunk starts only when this one has finished.
 */
export class PartitionSlot {
  #handled = 0;
  #current: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #activeAt: number | undefined;

  constructor(private readonly monotonicMs: () => number) {}

  /** Starts the next chunk; the previous one must have finished. */
  begin(work: () => Promise<void>): void {
    this.#activeAt = this.monotonicMs();
    this.#current = work()
      .then(() => {
        this.#handled += 1;
      })
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#activeAt = undefined;
      });
  }

  /** Waits for the chunk in progress and throws its failure, once. True when there was one since the last call. */
  async finish(): Promise<boolean> {
    const current = this.#current;
    await current;
    if (this.#current === current) this.#current = undefined;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
    return current !== undefined;
  }

  /** Waits for the chunk in progress without throwing or clearing its failure. */
  async idle(): Promise<void> {
    await this.#current;
  }

  /** Records activity of the chunk in progress, if any. */
  touch(): void {
    if (this.#activeAt !== undefined) this.#activeAt = this.monotonicMs();
  }

  /** When the chunk in progress was last active. */
  activeAt(): number | undefined {
    return this.#activeAt;
  }

  /**
   * How many records the next chunk may hold. The first is small and each later one is twice as large. Every restart begins after
   * the chunks that succeeded, so a record that crashes the process ends up in a small chunk.
   */
  nextChunkRecords(maxRecords: number): number {
    return Math.min(maxRecords, SMALL_CHUNK_RECORDS * 2 ** Math.min(this.#handled, MAX_DOUBLINGS));
  }

  /** After a rejoin the partition is read from its committed offset, so what failed before is redelivered anyway. */
  reset(): void {
    this.#failure = undefined;
    this.#handled = 0;
  }
}

/** The slots of a consumer's partitions. */
export class PartitionSlots {
  readonly #slots = new Map<string, PartitionSlot>();
  #generation = 0;

  constructor(private readonly monotonicMs: () => number) {}

  /** Increases with every assignment; a chunk that started under an older one must change nothing. */
  get generation(): number {
    return this.#generation;
  }

  of(topic: string, partition: number): PartitionSlot {
    const key = `${topic}/${partition}`;
    let slot = this.#slots.get(key);
    if (slot === undefined) this.#slots.set(key, (slot = new PartitionSlot(this.monotonicMs)));
    return slot;
  }

  onAssigned(): void {
    this.#generation += 1;
    for (const slot of this.#slots.values()) slot.reset();
  }

  /** Waits until no chunk is in progress. */
  async idle(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.idle()));
  }

  /** The oldest last activity among the chunks in progress; undefined when there is none. */
  oldestActivity(): number | undefined {
    const times = [...this.#slots.values()].map((slot) => slot.activeAt()).filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }
}
