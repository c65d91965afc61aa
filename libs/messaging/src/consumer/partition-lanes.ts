/** Records of the first chunk after an assignment; each chunk after it may hold twice as many. */
const FIRST_CHUNK_RECORDS = 200;
const MOST_DOUBLINGS = 20;

/**
 * What is under way for one partition: at most one chunk. Its handler may outlast the batch it came in, so that the next
 * batch is fetched and decoded while a transaction is under way; the chunk after it begins only when it has ended.
 */
export class PartitionLane {
  #handled = 0;
  #current: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #markedAt: number | undefined;

  constructor(private readonly monotonicMs: () => number) {}

  /** Begins the next chunk; the one before must have been settled. */
  begin(work: () => Promise<void>): void {
    this.#markedAt = this.monotonicMs();
    this.#current = work()
      .then(() => {
        this.#handled += 1;
      })
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#markedAt = undefined;
      });
  }

  /** Waits for the chunk under way. Throws its failure, once. True when there was one since the last call. */
  async settle(): Promise<boolean> {
    const current = this.#current;
    await current;
    if (this.#current === current) this.#current = undefined;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
    return current !== undefined;
  }

  /** The same without throwing and without taking the failure away. */
  async ended(): Promise<void> {
    await this.#current;
  }

  /** A sign of life of the chunk under way, if there is one. */
  mark(): void {
    if (this.#markedAt !== undefined) this.#markedAt = this.monotonicMs();
  }

  /** The last sign of life of a chunk that is under way. */
  markedAt(): number | undefined {
    return this.#markedAt;
  }

  /**
   * How many records the next chunk may hold. It starts small: a record that ends every process that handles it is then
   * soon in a small chunk of its own beginning, for each restart begins behind the chunks that went well.
   */
  allowance(maxRecords: number): number {
    return Math.min(maxRecords, FIRST_CHUNK_RECORDS * 2 ** Math.min(this.#handled, MOST_DOUBLINGS));
  }

  /** After a rejoin the partition is read from its committed offset: what failed before comes again anyway. */
  startAnew(): void {
    this.#failure = undefined;
    this.#handled = 0;
  }
}

/** The lanes of a consumer's partitions. */
export class PartitionLanes {
  readonly #lanes = new Map<string, PartitionLane>();
  #generation = 0;

  constructor(private readonly monotonicMs: () => number) {}

  /** Grows with every assignment; what began under an older one has no say any more. */
  get generation(): number {
    return this.#generation;
  }

  of(topic: string, partition: number): PartitionLane {
    const key = `${topic}/${partition}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) this.#lanes.set(key, (lane = new PartitionLane(this.monotonicMs)));
    return lane;
  }

  onAssigned(): void {
    this.#generation += 1;
    for (const lane of this.#lanes.values()) lane.startAnew();
  }

  /** Waits until nothing is under way. */
  async ended(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.ended()));
  }

  /** The oldest of the last signs of life of all chunks under way; undefined when there is none. */
  oldestMark(): number | undefined {
    const marks = [...this.#lanes.values()].map((lane) => lane.markedAt()).filter((mark) => mark !== undefined);
    return marks.length === 0 ? undefined : Math.min(...marks);
  }
}
