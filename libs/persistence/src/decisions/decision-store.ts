import { failpoint } from '@tripline/runtime';

import type { Database } from '../database/database';
import { decideChunkIn } from './decide-chunk';
import { decideTriggersIn } from './decide-triggers';
import type { ChunkResult, CreatedExecution, DecisionChunk, DirectTrigger, TriggerResult } from './decision-records';
import { MARK_ENQUEUED } from './decision-sql';

export interface DecisionStore {
  /**
   * Decides a chunk of the log in one transaction. Safe to repeat, also with other borders: a pair is decided once, a
   * record counted once. Freshness is measured by Postgres' clock.
   */
  decideChunk(chunk: DecisionChunk): Promise<ChunkResult>;
  /** The same decision for triggers without an offset (periodic, manual, webhook). */
  decideTriggers(triggers: readonly DirectTrigger[]): Promise<TriggerResult>;
  /** A hint for the sweeper: these jobs are in the queue. Returns how many were still waiting for it. */
  markEnqueued(jobs: readonly Pick<CreatedExecution, 'executionId' | 'generation'>[]): Promise<number>;
}

export function createDecisionStore(database: Database): DecisionStore {
  return {
    decideChunk: async (chunk) =>
      database.withTransaction(
        async (transaction) => {
          const result = await decideChunkIn(transaction, chunk);
          await failpoint('D2');
          return result;
        },
        { onCommitSent: async () => failpoint('D3') },
      ),
    decideTriggers: async (triggers) => {
      if (triggers.length === 0) return { decisions: [], created: [], unknown: [] };
      return database.withTransaction(async (transaction) => decideTriggersIn(transaction, triggers));
    },
    markEnqueued: async (jobs) => {
      if (jobs.length === 0) return 0;
      const rows = await database.retry(async () =>
        database.query(MARK_ENQUEUED, [jobs.map((job) => job.executionId), jobs.map((job) => job.generation)]),
      );
      return rows.length;
    },
  };
}
