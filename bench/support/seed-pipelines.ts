import { randomUUID } from 'node:crypto';

import type { Database } from '@tripline/database';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { createUserRepository } from '@tripline/user-store';
import { buildPipeline } from '@tripline/testing';

/** The differences between the pipelines of a bench. */
export interface SeededPipeline {
  readonly tickers: readonly string[];
  readonly subscriptions: readonly { readonly signalType: string; readonly minConfidence: number }[];
}

const ROWS_PER_STATEMENT = 5_000;

/** $1 the model's id, $2 ids, $3 names, $4 the differences as JSON texts. Clones head, version, trigger state and account. */
const CLONE_PIPELINES = `-- insert
WITH wanted AS (
  SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[]) AS w (id, name, change)
), head AS (
  INSERT INTO pipelines (id, user_id, name, trigger_mode, is_active)
  SELECT w.id, p.user_id, w.name, p.trigger_mode, p.is_active FROM wanted w, pipelines p WHERE p.id = $1
), version AS (
  INSERT INTO pipeline_versions (pipeline_id, version, definition, created_by)
  SELECT w.id, 1, v.definition || w.change::jsonb || jsonb_build_object('name', w.name), v.created_by
  FROM wanted w, pipeline_versions v WHERE v.pipeline_id = $1
), state AS (
  INSERT INTO trigger_states (pipeline_id) SELECT id FROM wanted
)
INSERT INTO paper_accounts (pipeline_id, initial_cash, cash)
SELECT w.id, a.initial_cash, a.cash FROM wanted w, paper_accounts a WHERE a.pipeline_id = $1`;

/**
 * Creates pipelines of one trader directly in the database, thousands per second. The first is created as the API does it
 * and deactivated; the others are clones of it.
 */
export async function seedPipelines(database: Database, pipelines: readonly SeededPipeline[]): Promise<void> {
  const user = await createUserRepository(database).ensure({ email: 'trader@bench.test', passwordHash: 'no log-in' });
  const repository = createPipelineRepository(database);
  const { id: _id, version: _version, userId: _userId, ...definition } = buildPipeline({ name: 'model' });
  const { pipeline: model } = await repository.create({ userId: user.id, role: 'trader' }, definition);
  for (let from = 0; from < pipelines.length; from += ROWS_PER_STATEMENT) {
    const some = pipelines.slice(from, from + ROWS_PER_STATEMENT);
    await database.query({ text: CLONE_PIPELINES }, [
      model.id,
      some.map(() => randomUUID()),
      some.map((_, index) => `pipeline ${from + index}`),
      some.map(({ tickers, subscriptions }) => JSON.stringify({ tickers, subscriptions })),
    ]);
  }
  await repository.setActive({ userId: user.id, role: 'trader' }, model.id, false);
  await database.query({ text: 'ANALYZE pipelines, pipeline_versions, trigger_states' });
}
