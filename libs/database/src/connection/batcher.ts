export interface BatcherOptions<Item, Result> {
  /** Items of one statement. */
  readonly maxItems: number;
  /** Maximum statements in flight. */
  readonly maxRunning: number;
  /**
   * Minimum time between the starts of two statements, ms, so that more items share each. A full batch and a single
   * item are sent at once. Default 0.
   */
  readonly intervalMs?: number;
  /** Items of one key never share a statement. Items without a key always may. */
  readonly keyOf?: (item: Item) => string | null;
  /** One answer per item, in order. A rejection concerns the whole batch. */
  readonly run: (items: readonly Item[]) => Promise<readonly Answer<Result>[]>;
  /** Whether a single item of the batch may be to blame. Otherwise the whole batch is rejected. */
  readonly maySplit: (error: unknown) => boolean;
}

/** The result of one item. */
export type Answer<Result> = { readonly value: Result } | { readonly error: unknown };

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (value: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Combines the writes of concurrent callers into one statement. While one statement is in flight the next batch fills,
 * so one commit serves all waiting callers. The statement of a single caller is sent in the same turn of the event
 * loop. A failed batch is halved until the bad item is isolated, so that no item fails because of another.
 */
export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let running = 0;
  let scheduled = false;
  let resting = false;
  let restTimer: NodeJS.Timeout | undefined;
  const busyKeys = new Set<string>();

  const schedule = (): void => {
    if (scheduled || waiting.length === 0 || running >= options.maxRunning) return;
    if (resting && waiting.length < options.maxItems) return;
    scheduled = true;
    // Items that arrive in the same turn, e.g. from one socket read, are sent together.
    setImmediate(() => {
      scheduled = false;
      flush();
    });
  };

  const flush = (): void => {
    const { batch, keys, rest } = takeBatch(waiting, busyKeys, options);
    waiting = rest;
    if (batch.length === 0) return;
    running += 1;
    pause();
    for (const key of keys) busyKeys.add(key);
    void settle(batch, options).finally(() => {
      running -= 1;
      for (const key of keys) busyKeys.delete(key);
      schedule();
    });
    schedule();
  };

  const pause = (): void => {
    if (options.intervalMs === undefined || options.intervalMs === 0) return;
    resting = true;
    clearTimeout(restTimer);
    restTimer = setTimeout(() => {
      resting = false;
      schedule();
    }, options.intervalMs);
  };

  return async (item) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      schedule();
    });
}

/** The first items, in order, without those whose key is in flight or already in this batch. */
function takeBatch<Item, Result>(
  waiting: readonly Waiting<Item, Result>[],
  busyKeys: ReadonlySet<string>,
  { maxItems, keyOf }: BatcherOptions<Item, Result>,
): { batch: Waiting<Item, Result>[]; keys: Set<string>; rest: Waiting<Item, Result>[] } {
  const batch: Waiting<Item, Result>[] = [];
  const rest: Waiting<Item, Result>[] = [];
  const keys = new Set<string>();
  for (const entry of waiting) {
    const key = keyOf?.(entry.item) ?? null;
    const isBusy = key !== null && (busyKeys.has(key) || keys.has(key));
    if (isBusy || batch.length >= maxItems) {
      rest.push(entry);
      continue;
    }
    if (key !== null) keys.add(key);
    batch.push(entry);
  }
  return { batch, keys, rest };
}

async function settle<Item, Result>(
  batch: readonly Waiting<Item, Result>[],
  options: BatcherOptions<Item, Result>,
): Promise<void> {
  try {
    const answers = await options.run(batch.map(({ item }) => item));
    for (const [index, entry] of batch.entries()) {
      const answer = answers[index] ?? { error: new Error('the batch gave no answer for this item') };
      if ('error' in answer) entry.reject(answer.error);
      else entry.resolve(answer.value);
    }
  } catch (error) {
    if (batch.length === 1 || !options.maySplit(error)) {
      for (const { reject } of batch) reject(error);
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await settle(batch.slice(0, middle), options);
    await settle(batch.slice(middle), options);
  }
}
