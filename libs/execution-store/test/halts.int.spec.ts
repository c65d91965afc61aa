import type { Pipeline } from '@tripline/triggers';

import { createExecutionStore } from '../src/executions/execution-store';
import { createHaltStore, type HaltStore } from '@tripline/trading-store';
import { type Fixture, openFixture } from '@tripline/store-fixture';

let fixture: Fixture;
let halts: HaltStore;
beforeAll(async () => {
  fixture = await openFixture();
  halts = createHaltStore(fixture.database);
});
afterAll(() => fixture.close());

const engage = (halt: Partial<Parameters<HaltStore['engage']>[0]>) =>
  halts.engage({
    level: 'global',
    subject: '',
    mode: 'pause',
    reason: 'test',
    engagedBy: fixture.trader.userId,
    ...halt,
  });
const statusOf = async (id: string) =>
  (
    await fixture.rows<{ status: string; stop_reason: string | null }>(
      'SELECT status, stop_reason FROM executions WHERE id = $1',
      [id],
    )
  )[0];

async function giveOrderAndPosition(pipeline: Pipeline, ticker: string, qty: number): Promise<void> {
  await fixture.rows(
    `INSERT INTO orders (client_order_id, execution_id, pipeline_id, user_id, ticker, side, order_type, quantity,
       reference_price, status, occurred_at)
     VALUES ('rest-' || $1::text, gen_random_uuid(), $1::uuid, $2, $3, 'BUY', 'MARKET', 1, 10, 'accepted', now())`,
    [pipeline.id, pipeline.userId, ticker],
  );
  await fixture.rows(
    `INSERT INTO positions (pipeline_id, ticker, qty, avg_price, realised_pnl, fees) VALUES ($1, $2, $3, 10, 0, 0)`,
    [pipeline.id, ticker, qty],
  );
}

describe('halts', () => {
  it('are latched: one per subject, never weakened, kept for the audit', async () => {
    const { halt } = await engage({ level: 'ticker', subject: 'LATCH' });
    expect((await engage({ level: 'ticker', subject: 'LATCH', mode: 'reduce_only' })).halt).toEqual(halt);
    const stricter = (await engage({ level: 'ticker', subject: 'LATCH', mode: 'cancel' })).halt;
    expect(stricter.id).not.toBe(halt.id);
    expect(await halts.find(halt.id)).toMatchObject({ liftReason: 'made stricter: cancel' });
    expect(await halts.loadActive()).toMatchObject([{ id: stricter.id, level: 'ticker', subject: 'LATCH' }]);
    expect(await halts.lift(stricter.id, fixture.trader.userId, 'over')).toMatchObject({ liftReason: 'over' });
    expect(await halts.lift(stricter.id, fixture.trader.userId, 'again')).toBeNull();
    expect(await halts.loadActive()).toEqual([]);
  });

  it('leave one winner when many engage concurrently', async () => {
    const engaged = await Promise.all(Array.from({ length: 8 }, () => engage({ level: 'venue', subject: 'rush' })));
    expect(new Set(engaged.map(({ halt }) => halt.id)).size).toBe(1);
    await halts.lift(engaged[0]?.halt.id ?? '', fixture.trader.userId, 'over');
  });

  it('of mode cancel end waiting and running executions in their scope, and fence the worker', async () => {
    const running = await fixture.addExecution();
    const waiting = await fixture.addExecution();
    const store = createExecutionStore(fixture.database);
    const claimed = await store.claim(running.executionId, running.generation, { owner: 'w', leaseMs: 30_000 });
    const elsewhere = await engage({ level: 'pipeline', subject: waiting.pipelineId, mode: 'cancel' });
    expect(elsewhere.cancelledExecutions).toBe(1);
    expect(await statusOf(running.executionId)).toMatchObject({ status: 'running' });

    const { halt, cancelledExecutions } = await engage({
      level: 'user',
      subject: fixture.trader.userId,
      mode: 'cancel',
    });
    expect(cancelledExecutions).toBe(1);
    expect(await statusOf(running.executionId)).toEqual({ status: 'cancelled', stop_reason: 'halted_user' });
    if (claimed === null || 'denial' in claimed) throw new Error('nothing was claimed');
    const ending = { executionId: claimed.executionId, leaseToken: claimed.leaseToken, steps: [] };
    await expect(store.finish({ ...ending, status: 'completed', cost: '0' })).rejects.toThrow('lease');
    for (const { id } of [halt, elsewhere.halt]) await halts.lift(id, fixture.trader.userId, 'over');
  });

  it('of mode flatten cancel resting orders and send one closing order per position', async () => {
    const stranger = await fixture.addTrader();
    const own = await fixture.addPipeline({ venue: 'alpha', signalAgeFrom: 'event' });
    const foreign = await fixture.addPipeline({ venue: 'beta' }, stranger);
    await giveOrderAndPosition(own, 'AAA', -3);
    await giveOrderAndPosition(foreign, 'AAA', 5);
    const first = await engage({ level: 'venue', subject: 'alpha', mode: 'flatten' });
    expect(first).toMatchObject({ cancelledOrders: 1, closingOrders: 1 });
    const orders = await fixture.rows(
      `SELECT side, quantity::text, status, reason FROM orders WHERE client_order_id LIKE 'flatten-%'`,
    );
    expect(orders).toEqual([{ side: 'BUY', quantity: '3', status: 'accepted', reason: 'halted_venue' }]);
    const everybody = await engage({ level: 'global', mode: 'flatten' });
    expect(everybody).toMatchObject({ cancelledOrders: 1, closingOrders: 1 });
    const mine = await halts.list({ userId: stranger.userId, isActive: true });
    expect(mine.items.map(({ level }) => level).sort()).toEqual(['global', 'venue']);
  });
});
