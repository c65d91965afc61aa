import { failpoint } from '@tripline/failpoints';

/** Next offsets to read, by topic and partition, in the shape kafkajs takes. */
export interface CommitRequest {
  readonly topics: {
    readonly topic: string;
    readonly partitions: { readonly partition: number; readonly offset: string }[];
  }[];
}
export type Commit = (request: CommitRequest) => Promise<void>;

/** Shortest time between commits, ms: an offset only tells where a restart begins, and redelivered records are recognised. */
const MIN_INTERVAL_MS = 100;
/** Wait after a rejected commit; a rejoin meanwhile makes the attempt unnecessary. */
const RETRY_MS = 1_000;

/**
 * Commits offsets in the background: one request at a time, each with the newest offset of every partition that has moved. The
 * first is sent at once.
 */
export class OffsetCommitter {
  readonly #pending = new Map<string, { topic: string; partition: number; offset: string }>();
  #commit: Commit = () => Promise.resolve();
  #running: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isFlushing = false;
  #generation = 0;
  #wake: () => void = () => undefined;

  constructor(private readonly minIntervalMs = MIN_INTERVAL_MS) {}

  add(topic: string, partition: number, offset: string, commit: Commit): void {
    this.#pending.set(`${topic}/${partition}`, { topic, partition, offset });
    this.#commit = commit;
    this.#running ??= this.#run();
  }

  /** Throws the error of a rejected commit, once: the partitions may have another owner. */
  throwIfRefused(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
  }

  /** Commits pending offsets at once. Never rejects. */
  async flush(): Promise<void> {
    this.#isFlushing = true;
    this.#wake();
    await this.#running;
    this.#isFlushing = false;
  }

  /** Drops pending offsets of an older assignment. */
  forget(): void {
    this.#generation += 1;
    this.#pending.clear();
    this.#failure = undefined;
  }

  async #run(): Promise<void> {
    while (this.#pending.size > 0) {
      const offsets = [...this.#pending];
      this.#pending.clear();
      const isDone = await this.#attempt(requestOf(offsets.map(([, offset]) => offset)));
      if (!isDone && this.#isFlushing) break;
      // Newer offsets that arrived meanwhile win.
      if (!isDone) for (const [key, offset] of offsets) if (!this.#pending.has(key)) this.#pending.set(key, offset);
      await this.#pause(isDone ? this.minIntervalMs : RETRY_MS);
    }
    this.#running = undefined;
  }

  async #attempt(request: CommitRequest): Promise<boolean> {
    const generation = this.#generation;
    try {
      await failpoint('before-offset-commit');
      await Promise.all([this.#commit(request), failpoint('during-offset-commit')]);
      return true;
    } catch (error) {
      // Rejected because the assignment has ended; not a failure.
      if (generation !== this.#generation) return true;
      this.#failure = { error };
      return false;
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#isFlushing) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function requestOf(offsets: readonly { topic: string; partition: number; offset: string }[]): CommitRequest {
  const topics = new Map<string, { partition: number; offset: string }[]>();
  for (const { topic, partition, offset } of offsets) {
    const partitions = topics.get(topic) ?? [];
    partitions.push({ partition, offset });
    topics.set(topic, partitions);
  }
  return { topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })) };
}
