import { MatchIndex } from '@tripline/matching';
import type { Pipeline } from '@tripline/triggers';
import type { IncomingChunk, TopicAdmin } from '@tripline/messaging';
import type { ChunkResult, CreatedExecution, DecisionChunk } from '@tripline/decision-store';

import type { DispatchSpan } from '../dispatches/dispatch-span';
import { createMatcher } from '../dispatches/match-chunk';
import { type ChunkReport, createChunkHandler, isolateNothing } from '../dispatches/stages';
import type { ReplayRequest } from './replay-arguments';
import { type DecidedUpTo, planReplay } from './replay-range';
import { createReplayTally, type ReplayTally } from './replay-tally';
import { type Births, onlyExisting, splitAtBirths } from './split-at-births';

export interface ReplayOptions {
  readonly topic: string;
  readonly request: ReplayRequest;
  readonly admin: Pick<TopicAdmin, 'offsets' | 'offsetsAt' | 'readRange'>;
  readonly loadProgress: () => Promise<readonly DecidedUpTo[]>;
  readonly loadPipelines: () => Promise<readonly Pipeline[]>;
  readonly loadBirths: () => Promise<Births>;
  /** Decides and commits, or (dry run) decides and rolls back. */
  readonly decide: (chunk: DecisionChunk) => Promise<ChunkResult>;
  /** Never throws; does nothing in a dry run. */
  readonly enqueue: (executions: readonly CreatedExecution[]) => Promise<unknown>;
  readonly chunkRecords: number;
  readonly monotonicMs: () => number;
  /** Ends the replay after the chunks in progress. */
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
}

export interface ReplayResult extends ReplayTally {
  /** False when the replay stopped before the end of the range. */
  readonly isComplete: boolean;
  readonly seconds: number;
}

/** Shortest time between two progress lines. */
const PROGRESS_MS = 2_000;
const NO_SPAN: DispatchSpan = { traceparent: null, end: () => undefined };

/**
 * Decides a range of the topic again, with the dispatcher's own chunk handling. The reader commits no offsets, so live
 * dispatchers are not affected. Partitions are read in parallel, each in log order.
 */
export async function runReplay(options: ReplayOptions): Promise<ReplayResult> {
  const { topic, request, admin, report, monotonicMs } = options;
  const startedAt = monotonicMs();
  const { ranges, records, extended } = await planReplay(topic, request, admin, await options.loadProgress());
  for (const { partition, from } of extended) {
    report(`partition ${partition} starts earlier, at offset ${from}: later records were never decided`);
  }
  report(`${records} records of ${topic} in ${ranges.filter(({ low, high }) => low < high).length} partitions`);

  const index = MatchIndex.build(await options.loadPipelines());
  const births = await options.loadBirths();
  const tally = createReplayTally();
  const progress = createProgress(records, startedAt, options);
  const onDispatched = (dispatched: ChunkReport): void => {
    tally.add(dispatched);
    progress(tally.read().records);
  };
  const handle = (chunk: IncomingChunk): Promise<void> =>
    splitAtBirths(chunk, births, (part, existedAt) =>
      createChunkHandler({
        isolate: isolateNothing,
        match: createMatcher({ currentIndex: () => onlyExisting(index, existedAt) }),
        // Replayed executions carry no trace: the signal's own trace ended long ago.
        trace: () => NO_SPAN,
        decide: options.decide,
        enqueue: options.enqueue,
        report: onDispatched,
        monotonicMs,
      })(part),
    );
  const read = await admin.readRange(topic, ranges, handle, {
    chunk: { maxRecords: options.chunkRecords },
    partitionsAtOnce: request.partitionsAtOnce,
    signal: options.signal,
  });
  return {
    ...tally.read(),
    isComplete: !options.signal.aborted || BigInt(read) >= records,
    seconds: (monotonicMs() - startedAt) / 1000,
  };
}

function createProgress(total: bigint, startedAt: number, { monotonicMs, report }: ReplayOptions) {
  let last = startedAt;
  return (records: number): void => {
    const now = monotonicMs();
    if (now - last < PROGRESS_MS) return;
    last = now;
    report(`${records} of ${total} records, ${Math.round((records * 1000) / (now - startedAt))} per second`);
  };
}
