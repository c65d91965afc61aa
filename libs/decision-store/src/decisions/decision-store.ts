import { failpoint } from '@tripline/failpoints';

import { classifyError, ConcurrentChangeError, type Database, plainArray, type Queryable } from '@tripline/database';
import { decideChunksIn } from './decide-chunks';
import { decideTriggersIn } from './decide-triggers';
import type { ChunkResult, CreatedExecution, DecisionChunk, DirectTrigger, TriggerResult } from './decision-records';
import { type DecideChunks, joinChunks } from './join-chunks';
import { createRuleStage } from '../rules/rule-stage';
import type { RuleStage } from './rule-stage';
import { ACKNOWLEDGE_ENQUEUED } from './write-sql';

export interface DecisionStore {
  /**
   * Decides a chunk of the log in one transaction. Safe to repeat, also with different chunk boundaries: a pair is
   * decided once and a record counted once. Freshness is measured by PostgreSQL's clock. Small chunks of different
   * partitions that arrive at about the same time share a transaction.
   */
  decideChunk(chunk: DecisionChunk): Promise<ChunkResult>;
  /** The same decision for triggers without an offset (periodic, manual, webhook). */
  decideTriggers(triggers: readonly DirectTrigger[]): Promise<TriggerResult>;
  /** A hint for the sweeper: these jobs are in the queue. Returns how many were still waiting for it. */
  acknowledgeEnqueued(jobs: readonly Pick<CreatedExecution, 'executionId' | 'generation'>[]): Promise<number>;
}

export interface DecisionStoreOptions {
  /** Multi-signal rules. Default: the stage with its default limits. */
  readonly rules?: RuleStage | undefined;
}

export function createDecisionStore(
  database: Database,
  { rules = createRuleStage() }: DecisionStoreOptions = {},
): DecisionStore {
  const decideChunk = joinChunks(createChunkDecision(database, rules));
  return {
    decideChunk,
    decideTriggers: async (triggers) => {
      if (triggers.length === 0) return { decisions: [], created: [], ended: [], unknown: [] };
      return database.withTransaction(async (transaction) =>
        decideTriggersIn(transaction, triggers, rules).catch((error: unknown) => {
          throw asConcurrentChange(error);
        }),
      );
    },
    acknowledgeEnqueued: async (jobs) => {
      if (jobs.length === 0) return 0;
      const byGeneration = Map.groupBy(jobs, (job) => job.generation);
      let marked = 0;
      for (const [generation, same] of byGeneration) {
        const ids = plainArray(same.map((job) => job.executionId));
        marked += await database.retry(async () => database.execute(ACKNOWLEDGE_ENQUEUED, [ids, generation]));
      }
      return marked;
    },
  };
}

function createChunkDecision(database: Database, rules: RuleStage): DecideChunks {
  return async (chunks) => {
    let thorough = false;
    const decide = async (transaction: Queryable): Promise<readonly ChunkResult[]> => {
      try {
        const results = await decideChunksIn(transaction, chunks, { rules, thorough });
        await failpoint('before-decision-commit');
        return results;
      } catch (error) {
        const cause = asConcurrentChange(error);
        thorough ||= cause instanceof ConcurrentChangeError;
        throw cause;
      }
    };
    return database.withTransaction(decide, { onCommitSent: async () => failpoint('during-decision-commit') });
  };
}

const UNIQUE_VIOLATION = '23505';

/**
 * A unique index rejected a row: a pair was decided concurrently (the signal is in two partitions), or an execution
 * exists whose row of the decision log was pruned. The transaction is then repeated with every lock and look-up.
 */
function asConcurrentChange(error: unknown): unknown {
  if (classifyError(error).sqlState !== UNIQUE_VIOLATION) return error;
  return new ConcurrentChangeError('another decision was written concurrently', { cause: error });
}
