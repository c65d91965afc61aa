import type { IncomingChunk, IncomingMessage } from '@tripline/messaging';
import type { CrashGuard, CrashGuardStore } from '@tripline/decision-store';

import { describeDeadRecord } from '../dispatches/dead-records';
import type { DispatchStages } from '../dispatches/stages';

type Range = NonNullable<CrashGuard['range']>;

export interface IsolationOptions {
  /** The journal of work in progress, by partition. */
  readonly store: CrashGuardStore;
  readonly decide: DispatchStages['decide'];
  /** Crashes in the same chunk, and then in the same record, before that record is quarantined; 0 turns quarantining off. */
  readonly afterCrashes: number;
  readonly onQuarantined: (record: { topic: string; partition: number; offset: bigint }) => void;
}

/**
 * Isolates a poison record; see `DispatchStages.isolate`. The first chunk per partition after a start is journalled before it
 * is handled, and the journal is cleared afterwards; later chunks cost nothing. A chunk that was started too often is yielded
 * record by record. A record that was started too often is stored as a dead signal, where it can be inspected and replayed. A
 * thrown error does not count as a crash; only the death of the process does.
 */
export function isolateRecords(options: IsolationOptions): DispatchStages['isolate'] {
  if (options.afterCrashes === 0) return (chunk) => [chunk];
  /** Partitions of which this process has finished a chunk. */
  const trusted = new Set<string>();
  /** What this process has started: a redelivery of the same chunk to this process is counted once. */
  const begun = new Map<string, CrashGuard>();

  async function* isolateFirst(chunk: IncomingChunk, partition: string): AsyncGenerator<IncomingChunk> {
    const isolation = createIsolation(chunk, options, (guard) => begun.set(partition, guard));
    // When handling a yielded chunk fails, the generator ends here and the journal stays.
    yield* isolation(begun.get(partition));
    await options.store.clear(chunk);
    trusted.add(partition);
    begun.delete(partition);
  }

  return (chunk) => {
    const partition = `${chunk.topic}/${chunk.partition}`;
    return trusted.has(partition) ? [chunk] : isolateFirst(chunk, partition);
  };
}

function createIsolation(chunk: IncomingChunk, options: IsolationOptions, remember: (guard: CrashGuard) => void) {
  const { store, afterCrashes } = options;
  const { messages } = chunk;
  const first = messages[0]?.offset ?? 0n;

  const begin = async (guard: CrashGuard): Promise<void> => {
    await store.save(chunk, guard);
    remember(guard);
  };

  function* piece(some: readonly IncomingMessage[]): Generator<IncomingChunk> {
    if (some.length > 0) yield { ...chunk, messages: some };
  }

  async function* oneByOne(
    suspects: readonly IncomingMessage[],
    range: Range,
    crashesOfFirst: number,
  ): AsyncGenerator<IncomingChunk> {
    for (const [index, message] of suspects.entries()) {
      const crashCount = index === 0 ? crashesOfFirst : 1;
      if (crashCount > afterCrashes) {
        await quarantine(message, chunk, options);
      } else {
        await begin({ offset: message.offset, range, crashCount });
        yield* piece([message]);
      }
      await chunk.heartbeat();
    }
  }

  return async function* isolate(ownGuard: CrashGuard | undefined): AsyncGenerator<IncomingChunk> {
    const found = ownGuard ?? (await store.load(chunk));
    const again = ownGuard === undefined ? 1 : 0;
    const guard = found !== null && found.offset >= first ? found : null;
    if (guard?.range != null) {
      const { from, until } = guard.range;
      yield* piece(messages.filter(({ offset }) => offset < from));
      // Everything from `from` to the suspect record is already durable and may include a quarantined record, so it is skipped.
      const suspects = messages.filter(({ offset }) => offset >= guard.offset && offset < until);
      yield* oneByOne(suspects, guard.range, guard.crashCount + again);
      yield* piece(messages.filter(({ offset }) => offset >= until));
      return;
    }
    const crashCount = guard?.offset === first ? guard.crashCount + again : 1;
    if (crashCount > afterCrashes) {
      yield* oneByOne(messages, { from: first, until: (messages.at(-1)?.offset ?? first) + 1n }, 1);
    } else {
      await begin({ offset: first, range: null, crashCount });
      yield chunk;
    }
  };
}

/** Stores the record as a dead signal, without decoding it. */
async function quarantine(message: IncomingMessage, chunk: IncomingChunk, options: IsolationOptions): Promise<void> {
  const { topic, partition, highWatermark } = chunk;
  const detail = `crashed the process ${options.afterCrashes} times while it was handled on its own`;
  await options.decide({
    topic,
    partition,
    highWatermark,
    records: [],
    deadSignals: [describeDeadRecord({ message, reason: 'process_killer', detail })],
    nextOffset: message.offset + 1n,
  });
  options.onQuarantined({ topic, partition, offset: message.offset });
}
