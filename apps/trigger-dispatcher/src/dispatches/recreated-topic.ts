import { LogTruncatedError } from '@tripline/database';
import type { ChunkResult, DecisionChunk, DecisionStore } from '@tripline/decision-store';

export interface DecideOptions {
  readonly decisions: Pick<DecisionStore, 'decideChunk'>;
  /** Where the partition's log ends now, as the broker says. */
  readonly logEnd: (topic: string, partition: number) => Promise<bigint>;
  readonly onTopicRecreated: (partition: { topic: string; partition: number; epoch: number }) => void;
}

/**
 * The decide stage; see `DispatchStages.decide`. A chunk whose log ended before the partition's progress comes from a topic
 * that was truncated or recreated, or was fetched long ago by a process that was paused. The broker tells which, asked after
 * the progress was read, since a log only grows: of a recreated topic the records are decided in a new epoch.
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
