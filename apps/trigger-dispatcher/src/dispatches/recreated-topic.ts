import { LogTruncatedError } from '@tripline/database';
import type { ChunkResult, DecisionChunk, DecisionStore } from '@tripline/decision-store';

export interface DecideOptions {
  readonly decisions: Pick<DecisionStore, 'decideChunk'>;
  /** The partition's current end offset, as reported by the broker. */
  readonly logEnd: (topic: string, partition: number) => Promise<bigint>;
  readonly onTopicRecreated: (partition: { topic: string; partition: number; epoch: number }) => void;
}

/**
 * The decide stage; see `DispatchStages.decide`. When a chunk's log ended before the partition's progress, either the topic was
 * truncated or recreated, or the chunk is stale because the process was paused. The broker's current end offset tells which. It
 * must be read after the progress, because a log only grows. Records of a recreated topic are decided in a new epoch.
 */
export function createDecider(options: DecideOptions): (chunk: DecisionChunk) => Promise<ChunkResult> {
  const { decisions } = options;
  return async (chunk) => {
    try {
      return await decisions.decideChunk(chunk);
    } catch (error) {
      if (!(error instanceof LogTruncatedError)) throw error;
      const { topic, partition } = chunk;
      const checked = { ...chunk, highWatermark: undefined };
      if ((await options.logEnd(topic, partition)) >= error.nextOffset) return decisions.decideChunk(checked);
      const epoch = error.epoch + 1;
      options.onTopicRecreated({ topic, partition, epoch });
      return decisions.decideChunk({ ...checked, epoch });
    }
  };
}
