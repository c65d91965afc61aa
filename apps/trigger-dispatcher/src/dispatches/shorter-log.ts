import { LogShorterError } from '@tripline/database';
import type { DecisionStore } from '@tripline/decision-store';

export interface ShorterLogOptions {
  readonly decisions: Pick<DecisionStore, 'decideChunk'>;
  /** Where the partition's log ends now, by the broker's own word. */
  readonly logEnd: (topic: string, partition: number) => Promise<bigint>;
  readonly onTopicMadeAnew: (partition: { topic: string; partition: number; epoch: number }) => void;
}

/**
 * Decides chunks of a log that seems to end before what was decided of it. The broker is asked after the progress was read,
 * and a log only grows: when it does end before, it is another log (the topic was made anew), and a new epoch begins, so
 * that its records are counted and its dead ones kept. Else the chunk was fetched long ago, by a process that was paused.
 */
export function decideShorterLogs(options: ShorterLogOptions): Pick<DecisionStore, 'decideChunk'> {
  const { decisions } = options;
  return {
    async decideChunk(chunk) {
      try {
        return await decisions.decideChunk(chunk);
      } catch (error) {
        if (!(error instanceof LogShorterError)) throw error;
        const { topic, partition } = chunk;
        const known = { ...chunk, highWatermark: undefined };
        if ((await options.logEnd(topic, partition)) >= error.nextOffset) return decisions.decideChunk(known);
        const epoch = error.epoch + 1;
        options.onTopicMadeAnew({ topic, partition, epoch });
        return decisions.decideChunk({ ...known, epoch });
      }
    },
  };
}
