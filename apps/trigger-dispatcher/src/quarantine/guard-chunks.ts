import type { IncomingBatch, IncomingMessage } from '@tripline/messaging';
import type { ChunkGuard, ChunkGuardStore, DecisionStore } from '@tripline/decision-store';

import { describeDeadRecord } from '../dispatches/decode-chunk';

type Range = NonNullable<ChunkGuard['range']>;
type Handler = (batch: IncomingBatch) => Promise<void>;

export interface ChunkGuardOptions {
  readonly store: ChunkGuardStore;
  readonly decisions: Pick<DecisionStore, 'decideChunk'>;
  readonly handler: Handler;
  /** Ends of a process in the same chunk, and then in the same record, before that record is put aside; 0 for never. */
  readonly afterStrikes: number;
  readonly onQuarantined: (record: { topic: string; partition: number; offset: bigint }) => void;
}

/**
 * Finds a record that ends every process which handles it. What is handled first of a partition after a start is written
 * down before and taken back after; later chunks cost nothing. A chunk found begun too often is handled record by record,
 * and the record found begun too often goes to the dead signals, where it can be looked at and decided again once mended.
 * A failure that is thrown is no strike: only the end of the process is.
 */
export function guardChunks(options: ChunkGuardOptions): Handler {
  const { handler, afterStrikes } = options;
  if (afterStrikes === 0) return handler;
  /** Partitions of which this process has ended a chunk. */
  const trusted = new Set<string>();
  /** What this process itself has begun, so that the same chunk delivered again to it counts once. */
  const begun = new Map<string, ChunkGuard>();
  return async (batch) => {
    const partition = `${batch.topic}/${batch.partition}`;
    if (trusted.has(partition)) return handler(batch);
    await createGuardedRun(batch, options, (guard) => begun.set(partition, guard)).run(begun.get(partition));
    trusted.add(partition);
    begun.delete(partition);
  };
}

function createGuardedRun(batch: IncomingBatch, options: ChunkGuardOptions, remember: (guard: ChunkGuard) => void) {
  const { store, handler, afterStrikes } = options;
  const { messages } = batch;
  const first = messages[0]?.offset ?? 0n;

  const begin = async (guard: ChunkGuard): Promise<void> => {
    await store.save(batch, guard);
    remember(guard);
  };
  const part = (some: readonly IncomingMessage[]): Promise<void> =>
    some.length === 0 ? Promise.resolve() : handler({ ...batch, messages: some });

  const oneByOne = async (
    suspects: readonly IncomingMessage[],
    range: Range,
    strikesOfFirst: number,
  ): Promise<void> => {
    for (const [index, message] of suspects.entries()) {
      const strikes = index === 0 ? strikesOfFirst : 1;
      if (strikes > afterStrikes) {
        await putAside(message, batch, options);
      } else {
        await begin({ offset: message.offset, range, strikes });
        await part([message]);
      }
      await batch.heartbeat();
    }
  };

  return {
    async run(ownGuard: ChunkGuard | undefined): Promise<void> {
      const found = ownGuard ?? (await store.load(batch));
      const again = ownGuard === undefined ? 1 : 0;
      const guard = found !== null && found.offset >= first ? found : null;
      if (guard?.range != null) {
        const { from, until } = guard.range;
        // From there to the guarded record everything is durable, and may hold a record put aside: it is left out.
        await part(messages.filter(({ offset }) => offset < from));
        const suspects = messages.filter(({ offset }) => offset >= guard.offset && offset < until);
        await oneByOne(suspects, guard.range, guard.strikes + again);
        await part(messages.filter(({ offset }) => offset >= until));
      } else {
        const strikes = guard?.offset === first ? guard.strikes + again : 1;
        if (strikes > afterStrikes) {
          await oneByOne(messages, { from: first, until: (messages.at(-1)?.offset ?? first) + 1n }, 1);
        } else {
          await begin({ offset: first, range: null, strikes });
          await handler(batch);
        }
      }
      await store.clear(batch);
    },
  };
}

/** The record's own end: a dead signal like any other, decided without anybody looking into it. */
async function putAside(message: IncomingMessage, batch: IncomingBatch, options: ChunkGuardOptions): Promise<void> {
  const { topic, partition, highWatermark } = batch;
  const detail = `ended the process ${options.afterStrikes} times while it was handled alone`;
  await options.decisions.decideChunk({
    topic,
    partition,
    highWatermark,
    records: [],
    deadSignals: [describeDeadRecord({ message, reason: 'process_killer', detail })],
    nextOffset: message.offset + 1n,
  });
  options.onQuarantined({ topic, partition, offset: message.offset });
}
