import { LeaseLostError } from '@tripline/database';
import { createExecutionStore } from '../src/executions/execution-store';
import { CLAIM, claimed, claimedRuns, type Fixture, openFixture, orderEnding } from '@tripline/store-fixture';

jest.setTimeout(60_000);

let fixture: Fixture;
let refused: string[] = [];
let queries = 0;
beforeAll(async () => {
  fixture = await openFixture({
    onLeaseLost: ({ operation }) => refused.push(operation),
    onQuery: () => (queries += 1),
  });
});
beforeEach(() => {
  refused = [];
});
afterAll(async () => fixture.close());

const statusesOf = async (ids: readonly string[]) => {
  const rows = await fixture.rows<{ status: string; count: number }>(
    'SELECT status, count(*)::int AS count FROM executions WHERE id = ANY ($1) GROUP BY 1 ORDER BY 1',
    [ids],
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
};

describe('writes of concurrent executions', () => {
  it('share statements: a few claim and end a hundred executions', async () => {
    const executions = [];
    for (let n = 0; n < 100; n += 1) executions.push(await fixture.addExecution());
    const store = createExecutionStore(fixture.database);
    const before = queries;
    const runs = await Promise.all(executions.map(async (run) => claimed(store, run)));
    const results = await Promise.all(runs.map(async (run) => store.finishWithOrder(orderEnding(run))));
    expect(queries - before).toBeLessThanOrEqual(6);
    expect(results.every(({ denial, position }) => denial === null && position?.quantity === '10')).toBe(true);
    const ids = runs.map(({ executionId }) => executionId);
    expect(await statusesOf(ids)).toEqual({ completed: 100 });
    const [booked] = await fixture.rows(
      `SELECT (SELECT count(*)::int FROM execution_steps WHERE execution_id = ANY ($1)) AS steps,
         (SELECT count(*)::int FROM order_intents WHERE execution_id = ANY ($1) AND state = 'acked') AS intents,
         (SELECT count(*)::int FROM fills f JOIN orders o USING (client_order_id) WHERE o.execution_id = ANY ($1)) AS fills,
         (SELECT count(*)::int FROM paper_accounts a JOIN executions e USING (pipeline_id)
            WHERE e.id = ANY ($1) AND a.cash = 98999 AND a.version = 1) AS accounts`,
      [ids],
    );
    expect(booked).toEqual({ steps: 100, intents: 100, fills: 100, accounts: 100 });
  });

  it('fail independently: a row that the database rejects does not affect the others', async () => {
    const runs = await claimedRuns(fixture, 8);
    const store = createExecutionStore(fixture.database);
    const results = await Promise.allSettled(
      runs.map(async (run, index) => {
        const ending = orderEnding(run);
        return store.finishWithOrder(index === 3 ? { ...ending, order: { ...ending.order, quantity: '-1' } } : ending);
      }),
    );
    expect(results.map(({ status }) => status).filter((status) => status === 'rejected')).toHaveLength(1);
    expect(results[3]).toMatchObject({ status: 'rejected', reason: { constraint: 'orders_quantity' } });
    expect(await statusesOf(runs.map(({ executionId }) => executionId))).toEqual({ completed: 7, running: 1 });
  });

  it('are denied individually when a lease is lost', async () => {
    const runs = await claimedRuns(fixture, 5);
    const store = createExecutionStore(fixture.database);
    await fixture.rows('UPDATE executions SET lease_token = lease_token + 1 WHERE id = $1', [runs[2]?.executionId]);
    const results = await Promise.allSettled(runs.map(async (run) => store.finishWithOrder(orderEnding(run))));
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(results[2]).toMatchObject({ reason: expect.any(LeaseLostError) as unknown });
    expect(refused).toEqual(['submit']);
  });

  it('keep text that JSON allows and the database does not', async () => {
    const [run] = await claimedRuns(fixture, 1);
    const store = createExecutionStore(fixture.database);
    await store.finish({ ...run!, status: 'failed', error: 'a\u0000b', result: { text: '\u0000' }, cost: '0' });
    expect(await statusesOf([run!.executionId])).toEqual({ failed: 1 });
  });

  it('claim an execution once when two processes request the same ones in different orders', async () => {
    const executions = [];
    for (let n = 0; n < 30; n += 1) executions.push(await fixture.addExecution());
    const [one, other] = [createExecutionStore(fixture.database), createExecutionStore(fixture.database)];
    const claims = await Promise.all([
      ...executions.map(async (run) => one.claim(run.executionId, 1, CLAIM)),
      ...executions.toReversed().map(async (run) => other.claim(run.executionId, 1, CLAIM)),
      ...executions.map(async (run) => one.claim(run.executionId, 1, CLAIM)),
    ]);
    expect(claims.filter((claim) => claim !== null)).toHaveLength(30);
  });

  it('settle two executions of one account one after the other, across processes', async () => {
    const pipeline = await fixture.addPipeline({
      overlap: { policy: 'parallel', key: 'pipeline', limit: 4, ttlMs: 0 },
    });
    await fixture.rows(
      `INSERT INTO executions (id, user_id, pipeline_id, pipeline_version, trigger_mode, signal_id, ticker, direction,
         occurred_at, slot)
       SELECT gen_random_uuid(), $1, $2, 1, 'manual', gen_random_uuid(), '^SPX', 'BULLISH', now(), n FROM generate_series(0, 3) n`,
      [fixture.trader.userId, pipeline.id],
    );
    const rows = await fixture.rows<{ id: string }>('SELECT id FROM executions WHERE pipeline_id = $1', [pipeline.id]);
    const stores = [createExecutionStore(fixture.database), createExecutionStore(fixture.database)];
    const due = rows.map(({ id }) => ({
      executionId: id,
      pipelineId: pipeline.id,
      userId: fixture.trader.userId,
      generation: 1,
      traceparent: null,
    }));
    const runs = await Promise.all(due.map(async (run) => claimed(stores[0]!, run)));
    await Promise.all(runs.map(async (run, index) => stores[index % 2]!.finishWithOrder(orderEnding(run))));
    const [account] = await fixture.rows(
      `SELECT a.cash::text, a.version::int, p.qty::text, (SELECT count(*)::int FROM fills f WHERE f.pipeline_id = $1) AS fills
       FROM paper_accounts a JOIN positions p USING (pipeline_id) WHERE a.pipeline_id = $1`,
      [pipeline.id],
    );
    // 100000 − 4 × (10 × 100 + 1)
    expect(account).toEqual({ cash: '95996', version: 4, qty: '40', fills: 4 });
  });

  it('renew all leases of a process in one statement, and return those still held', async () => {
    const runs = await claimedRuns(fixture, 3);
    const store = createExecutionStore(fixture.database);
    await store.finish({ ...runs[1]!, status: 'completed', cost: '0' });
    const before = queries;
    const held = await store.renew(runs, 60_000);
    expect(queries - before).toBe(1);
    expect(held).toEqual(new Set([runs[0]?.executionId, runs[2]?.executionId]));
  });
});
