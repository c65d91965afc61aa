import type { Database } from '@tripline/database';
import { decideChunksIn } from '../decisions/decide-chunks';
import type { ChunkResult, DecisionChunk } from '../decisions/decision-records';
import { createRuleStage } from '../rules/rule-stage';

export interface ReplayStore {
  /** What `decideChunk` would answer now. Nothing is stored. */
  previewChunk(chunk: DecisionChunk): Promise<ChunkResult>;
  /** When each pipeline was created, epoch ms by id; removed ones included. */
  loadBirths(): Promise<ReadonlyMap<string, number>>;
}

/** Carries the answer out of a transaction that is rolled back. */
class PreviewTakenBack extends Error {
  constructor(readonly result: ChunkResult) {
    super('a preview is always rolled back');
  }
}

/** What a replay of the topic needs besides the decision store. */
export function createReplayStore(database: Database): ReplayStore {
  return {
    previewChunk: async (chunk) => {
      try {
        return await database.withTransaction(async (transaction) => {
          const options = { rules: createRuleStage(), thorough: true };
          const [result] = await decideChunksIn(transaction, [chunk], options);
          throw new PreviewTakenBack(result as ChunkResult);
        });
      } catch (error) {
        if (error instanceof PreviewTakenBack) return error.result;
        throw error;
      }
    },
    loadBirths: async () => {
      const rows = await database.query<{ id: string; created_at: Date }>({
        text: 'SELECT id, created_at FROM pipelines',
      });
      return new Map(rows.map((row) => [row.id, row.created_at.getTime()]));
    },
  };
}
