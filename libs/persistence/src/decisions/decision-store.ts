import type { Database } from '../database/database';
import type { ChunkResult, CreatedExecution, DecisionChunk, DirectTrigger, TriggerResult } from './decision-records';

export interface DecisionStore {
  /** Decides a chunk of the log in one transaction; safe to repeat, also with other borders. */
  decideChunk(chunk: DecisionChunk): Promise<ChunkResult>;
  /** The same decision for triggers without an offset. */
  decideTriggers(triggers: readonly DirectTrigger[]): Promise<TriggerResult>;
  /** A hint for the sweeper: the jobs are in the queue. */
  markEnqueued(jobs: readonly Pick<CreatedExecution, 'executionId' | 'generation'>[]): Promise<number>;
}

export declare function createDecisionStore(database: Database): DecisionStore;
