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
   * Decides a chunk of the log in one transaction. Safe to repeat, also with other borders: a pair is decided once, a
   * record counted once. Freshness is measured by Postgres' clock. Small chunks that arrive at about the same time, each of a
   * partition of its own, share a transaction.
   */
  decideChunk(chunk: DecisionChunk): Promise<ChunkResult>;
  /** The same decision for triggers without an offset (periodic, manual, webhook). */
  decideTriggers(triggers: readonly DirectTrigger[]): Promise<TriggerResult>;
  /** A hint for the sweeper: these jobs are in the queue. Returns how many were still waiting for it. */
  acknowledgeEnqueued(jobs: readonly Pick<CreatedExecution, 'executionId' | 'generation'>[]): Promise<number>;
}

export interface DecisionStoreOptions {
  /** Multi-signal rules; default: the stage with its stated limits. */
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
 * A unique index refused a row: of a pair that was decided at the same time (a signal that stands in two partitions), or of a run
 * whose ledger line was pruned. Then the transaction is repeated, with everything locked and asked.
 */
function asConcurrentChange(error: unknown): unknown {
  if (classifyError(error).sqlState !== UNIQUE_VIOLATION) return error;
  return new ConcurrentChangeError('another decision was written at the same time', { cause: error });
}
