import { classifyError, createBatcher, isUnavailable } from '@tripline/database';
import type { ChunkResult, DecisionChunk } from './decision-records';

/**
 * Decides chunks of one topic, at most one per partition, sorted by partition, in one transaction. Answers in the same
 * order.
 */
export type DecideChunks = (chunks: readonly DecisionChunk[]) => Promise<readonly ChunkResult[]>;

/**
 * A transaction costs nearly the same for one signal as for twenty. Under load, chunks of a few milliseconds are
 * joined, which lowers the cost per signal before the processor is busy. On an idle system a signal does not wait.
 */
const JOINED = { maxItems: 16, maxRunning: 2, intervalMs: 8 };
/** Maximum records and matches of a small chunk, which may share a transaction. A larger one gets its own. */
const SMALL_CHUNK = 200;

/** Joins small chunks that arrive at about the same time. If one fails, only that one fails. */
export function joinChunks(decideChunks: DecideChunks): (chunk: DecisionChunk) => Promise<ChunkResult> {
  const joiners = new Map<string, (chunk: DecisionChunk) => Promise<ChunkResult>>();
  const joinerOf = (topic: string) => {
    let joiner = joiners.get(topic);
    if (joiner === undefined) joiners.set(topic, (joiner = createJoiner(decideChunks)));
    return joiner;
  };
  return async (chunk) => {
    if (isSmall(chunk)) return joinerOf(chunk.topic)(chunk);
    const [result] = await decideChunks([chunk]);
    return result as ChunkResult;
  };
}

function createJoiner(decideChunks: DecideChunks): (chunk: DecisionChunk) => Promise<ChunkResult> {
  return createBatcher<DecisionChunk, ChunkResult>({
    ...JOINED,
    keyOf: ({ partition }) => String(partition),
    maySplit: (error) => !classifyError(error).retryable && !isUnavailable(error),
    run: async (chunks) => {
      const sorted = [...chunks].sort((a, b) => a.partition - b.partition);
      const results = await decideChunks(sorted);
      return chunks.map((chunk) => ({ value: results[sorted.indexOf(chunk)] as ChunkResult }));
    },
  });
}

function isSmall({ records, unmatched, deadSignals }: DecisionChunk): boolean {
  let size = records.length + (unmatched?.length ?? 0) + deadSignals.length;
  if (size > SMALL_CHUNK) return false;
  for (const { matches } of records) size += matches.length;
  return size <= SMALL_CHUNK;
}
