import type { Database } from '../database/database';
import { decideChunkIn } from '../decisions/decide-chunk';
import type { ChunkResult, DecisionChunk } from '../decisions/decision-records';
import { createRuleStage } from '../rules/rule-stage';

export interface ReplayStore {
  /** What `decideChunk` would answer now; nothing of it stays. */
  previewChunk(chunk: DecisionChunk): Promise<ChunkResult>;
  /** When each pipeline was made, epoch ms by id; removed ones included. */
  loadBirths(): Promise<ReadonlyMap<string, number>>;
}

/** Carries the answer out of a transaction that is rolled back. */
class PreviewTakenBack extends Error {
  constructor(readonly result: ChunkResult) {
    super('a preview is always taken back');
  }
}

/** What a replay of the topic needs beside the decision store. */
export function createReplayStore(database: Database): ReplayStore {
  return {
    previewChunk: async (chunk) => {
      try {
        return await database.withTransaction(async (transaction) => {
          throw new PreviewTakenBack(
            await decideChunkIn(transaction, chunk, { rules: createRuleStage(), thorough: true }),
          );
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
