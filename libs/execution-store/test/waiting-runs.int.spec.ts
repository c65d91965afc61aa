import { randomUUID } from 'node:crypto';

import type { DueExecution } from '../src/executions/execution-records';
import { createExecutionStore } from '../src/executions/execution-store';
import { createSweepStore } from '../src/executions/sweep-store';
import { CLAIM, claimed, type Fixture, openFixture, orderEnding } from '@tripline/store-fixture';

jest.setTimeout(60_000);

let fixture: Fixture;
let promoted: DueExecution[] = [];
beforeAll(async () => {
  fixture = await openFixture();
});
beforeEach(() => {
  promoted = [];
});
afterAll(async () => fixture.close());

const store = () => createExecutionStore(fixture.database, { onPromoted: (runs) => promoted.push(...runs) });
const sweep = async () => createSweepStore(fixture.database).sweep({ notEnqueuedMs: 60_000 });

/** An execution that waits behind `run` in the queue of its pipeline. */
async function queueBehind(run: DueExecution, expiresInMs: number | null = null, key = ''): Promise<string> {
  const id = randomUUID();
  await fixture.rows(
    `INSERT INTO executions (id, user_id, pipeline_id, pipeline_version, trigger_mode, signal_id, ticker, direction,
       occurred_at, slot, dispatch_gen, overlap_key, queued_seq, expires_at)
     VALUES ($1, $2, $3, 1, 'manual', gen_random_uuid(), '^SPX', 'BULLISH', now(), NULL, 0, $5,
       nextval('executions_queued_seq'), clock_timestamp() + $4::float8 * interval '1 millisecond')`,
    [id, run.userId, run.pipelineId, expiresInMs, key],
  );
  return id;
}

const statusOf = async (id: string) =>
  (
    await fixture.rows(
      'SELECT status, stop_reason, slot::int, dispatch_gen::int AS gen FROM executions WHERE id = $1',
      [id],
    )
  )[0];

describe('an execution that waits in the queue of its pipeline', () => {
  it('is promoted in queue order by the statement that ends the one before', async () => {
    const holder = await fixture.addExecution();
    const [first, second] = [await queueBehind(holder), await queueBehind(holder)];
    const run = await claimed(store(), holder);
    expect(await store().claim(first, 0, CLAIM)).toBeNull();
    await store().finishWithOrder(orderEnding(run));
    expect(promoted).toEqual([
      { executionId: first, generation: 1, pipelineId: holder.pipelineId, userId: holder.userId, traceparent: null },
    ]);
    expect(await statusOf(second)).toMatchObject({ status: 'pending', slot: null });
    const next = await claimed(store(), promoted[0]!);
    await store().finish({ ...next, status: 'completed', cost: '0' });
    expect(promoted.map(({ executionId }) => executionId)).toEqual([first, second]);
  });

  it('is promoted when the one before is denied its start', async () => {
    const holder = await fixture.addExecution();
    const waiting = await queueBehind(holder);
    await fixture.rows(`UPDATE pipelines SET is_active = false WHERE id = $1`, [holder.pipelineId]);
    await store().claim(holder.executionId, 1, CLAIM);
    expect(promoted.map(({ executionId }) => executionId)).toEqual([waiting]);
  });

  it('waits for its own key only', async () => {
    const holder = await fixture.addExecution();
    await queueBehind(holder, null, 'OTHER');
    await store().finish({ ...(await claimed(store(), holder)), status: 'completed', cost: '0' });
    expect(promoted).toEqual([]);
  });

  it('is skipped when it expires, and never started after that', async () => {
    const holder = await fixture.addExecution();
    const [late, patient] = [await queueBehind(holder, -1), await queueBehind(holder, 60_000)];
    await store().finish({ ...(await claimed(store(), holder)), status: 'completed', cost: '0' });
    expect(promoted.map(({ executionId }) => executionId)).toEqual([patient]);
    const { expired } = await sweep();
    expect(expired.map(({ executionId }) => executionId)).toContain(late);
    expect(await statusOf(late)).toMatchObject({ status: 'skipped', stop_reason: 'queue_ttl_expired' });
  });

  it('is promoted once by the sweepers when its holder was ended elsewhere', async () => {
    const holder = await fixture.addExecution();
    const [first, second] = [await queueBehind(holder), await queueBehind(holder)];
    await fixture.rows(`UPDATE executions SET status = 'cancelled', finished_at = now() WHERE id = $1`, [
      holder.executionId,
    ]);
    const results = await Promise.allSettled([sweep(), sweep(), sweep()]);
    const swept = results
      .flatMap((result) => (result.status === 'fulfilled' ? result.value.requeue : []))
      .filter(({ pipelineId }) => pipelineId === holder.pipelineId);
    expect(swept).toMatchObject([{ executionId: first, generation: 1, cause: 'promoted' }]);
    expect(await statusOf(second)).toMatchObject({ slot: null, gen: 0 });
  });

  it('is promoted when the sweeper fails the one before', async () => {
    const holder = await fixture.addExecution();
    const waiting = await queueBehind(holder);
    await fixture.rows('UPDATE executions SET max_attempts = 1 WHERE id = $1', [holder.executionId]);
    await claimed(store(), holder, { ...CLAIM, leaseMs: -1 });
    const { failed, requeue } = await sweep();
    expect(failed.map(({ executionId }) => executionId)).toContain(holder.executionId);
    expect(requeue).toMatchObject([{ executionId: waiting, cause: 'promoted' }]);
  });

  it('is never swept for lack of a job', async () => {
    const holder = await fixture.addExecution();
    const waiting = await queueBehind(holder);
    await fixture.rows(`UPDATE executions SET requested_at = now() - interval '1 day' WHERE id = $1`, [waiting]);
    const { requeue } = await createSweepStore(fixture.database).sweep({ notEnqueuedMs: 0 });
    expect(requeue.map(({ executionId }) => executionId)).not.toContain(waiting);
  });
});
