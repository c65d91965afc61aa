import { createExecutionStore } from '../src/executions/execution-store';
import { createIntentStore, createRestingOrderStore } from '@tripline/trading-store';
import { claimedRuns, fillOf, type Fixture, intentOf, openFixture, STEP } from '@tripline/store-fixture';

jest.setTimeout(60_000);

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(async () => fixture.close());

const intents = () => createIntentStore(fixture.database);

/** An execution for an external broker that committed its intent and was then ended elsewhere. */
async function abandonedRun() {
  const [run] = await claimedRuns(fixture, 1, { venue: 'alpha' });
  const intent = intentOf(run!.executionId);
  const guard = { venue: 'alpha', freshUntil: null };
  await createExecutionStore(fixture.database).checkpoint({ ...run!, steps: [STEP], intent, guard });
  await fixture.rows(
    `UPDATE executions SET status = 'cancelled', finished_at = now(), lease_until = NULL, lease_token = lease_token + 1 WHERE id = $1`,
    [run?.executionId],
  );
  return { run: run!, intent };
}

const orderOf = async (id: string) =>
  (
    await fixture.rows(
      `SELECT o.status, o.reason, o.venue, i.state FROM order_intents i LEFT JOIN orders o USING (client_order_id)
       WHERE i.client_order_id = $1`,
      [id],
    )
  )[0];

describe('intents of ended executions', () => {
  it('are found when they are old enough, and none of an unfinished execution', async () => {
    const { intent } = await abandonedRun();
    const [running] = await claimedRuns(fixture, 1, { venue: 'alpha' });
    const guard = { venue: 'alpha', freshUntil: null };
    const other = intentOf(running!.executionId);
    await createExecutionStore(fixture.database).checkpoint({ ...running!, steps: [], intent: other, guard });
    const open = await intents().loadOpen(0, 100);
    expect(open).toContainEqual({ intent, venue: 'alpha' });
    expect(open.map((entry) => entry.intent.clientOrderId)).not.toContain(other.clientOrderId);
    const old = await intents().loadOpen(60_000, 100);
    expect(old.map((entry) => entry.intent.clientOrderId)).not.toContain(intent.clientOrderId);
  });

  it('become a resting order that is filled like any other, once', async () => {
    const { run, intent } = await abandonedRun();
    expect(await intents().adopt(intent.clientOrderId, null)).toBe(true);
    expect(await intents().adopt(intent.clientOrderId, null)).toBe(false);
    expect(await orderOf(intent.clientOrderId)).toEqual({
      status: 'accepted',
      reason: null,
      venue: 'alpha',
      state: 'acked',
    });
    const resting = createRestingOrderStore(fixture.database);
    expect(await resting.fillRestingOrder(fillOf(intent))).toBe(true);
    expect(await resting.fillRestingOrder(fillOf(intent))).toBe(false);
    const [account] = await fixture.rows('SELECT cash::text FROM paper_accounts WHERE pipeline_id = $1', [
      run.pipelineId,
    ]);
    expect(account).toEqual({ cash: '98999' });
  });

  it('become a rejected order, or none', async () => {
    const [rejected, unknown] = [await abandonedRun(), await abandonedRun()];
    await intents().adopt(rejected.intent.clientOrderId, 'no cash');
    await intents().abandon(unknown.intent.clientOrderId);
    expect(await orderOf(rejected.intent.clientOrderId)).toMatchObject({ status: 'rejected', reason: 'no cash' });
    expect(await orderOf(unknown.intent.clientOrderId)).toMatchObject({ status: null, state: 'abandoned' });
  });
});

describe('a recorded order that its broker does not know', () => {
  it('is sent by one process at a time', async () => {
    const { run, intent } = await abandonedRun();
    const order = { ...intent, clientOrderId: `flatten-${intent.clientOrderId}`, pipelineId: run.pipelineId };
    const asked = await Promise.all([1, 2, 3].map(async () => intents().acquireSubmission(order)));
    expect(asked.filter(Boolean)).toHaveLength(1);
    await fixture.rows(
      `UPDATE order_intents SET updated_at = now() - interval '16 seconds' WHERE client_order_id = $1`,
      [order.clientOrderId],
    );
    expect(await intents().acquireSubmission(order)).toBeGreaterThan(Date.now() - 60_000);
  });

  it('ends when its broker rejects it', async () => {
    const { intent } = await abandonedRun();
    await intents().adopt(intent.clientOrderId, null);
    await createRestingOrderStore(fixture.database).rejectRestingOrder(intent.clientOrderId, 'halted');
    expect(await orderOf(intent.clientOrderId)).toMatchObject({ status: 'rejected', reason: 'halted' });
  });
});
