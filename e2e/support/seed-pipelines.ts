import type { Pipeline } from '@tripline/triggers';
import type { Database } from '@tripline/database';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { createUserRepository } from '@tripline/user-store';
import { buildPipeline } from '@tripline/testing';

/** Creates pipelines of one trader directly in the database, for suites that do not run the API. */
export async function seedPipelines(
  database: Database,
  pipelines: readonly (Partial<Pipeline> & { readonly name: string })[],
): Promise<Pipeline[]> {
  const user = await createUserRepository(database).ensure({
    email: 'trader@e2e.test',
    passwordHash: 'nobody logs in',
  });
  const repository = createPipelineRepository(database);
  const made: Pipeline[] = [];
  for (const overrides of pipelines) {
    const { id: _id, version: _version, userId: _userId, ...definition } = buildPipeline(overrides);
    const { pipeline } = await repository.create({ userId: user.id, role: 'trader' }, definition);
    made.push(pipeline);
  }
  return made;
}
