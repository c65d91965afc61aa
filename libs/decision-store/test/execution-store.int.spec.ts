import { acceptOrder, applyFillToOrder, type Fill, type OrderIntent } from '@tripline/trading';

import { randomUUID } from 'node:crypto';

import { LeaseLostError } from '@tripline/database';
import type { CreatedExecution } from '../src/decisions/decision-records';
import {
  type ClaimedExecution,
  createExecutionRepository,
  createExecutionStore,
  createSweepStore,
  type OrderEnding,
  type StepRecord,
} from '@tripline/execution-store';
import { createDecisionStore } from '../src/decisions/decision-store';
import { createOrderRepository, createRestingOrderStore } from '@tripline/trading-store';
import { type Fixture, openFixture } from '@tripline/store-fixture';

const GUARD = { venue: 'paper', freshUntil: null };
const CLAIM = { owner: 'test', leaseMs: 30_000 };
const EXPIRED = { owner: 'test', leaseMs: -1 };

jest.setTimeout(60_000);

let fixture: Fixture;
let refused: string[] = [];
beforeAll(async () => {
  fixture = await openFixture({ onLeaseLost: ({ operation }) => refused.push(operation) });
});
beforeEach(() => {
  refused = [];
});
afterAll(async () => fixture.close());

const store = () => createExecutionStore(fixture.database);
const sweeper = () => createSweepStore(fixture.database);
const orders = () => createOrderRepository(fixture.database);

async function claimed(execution: CreatedExecution, options = CLAIM): Promise<ClaimedExecution> {
  const claim = await store().claim(execution.executionId, execution.generation, options);
  if (claim === null || 'denial' in claim) throw new Error(`not claimed: ${JSON.stringify(claim)}`);
  return claim;
}

const step = (stepNo: number, output: unknown = { n: stepNo }): StepRecord => ({
  stepNo,
  agent: 'bias',
  status: 'continue',
  reason: null,
  message: null,
  output,
  durationMs: 1.25,
  cost: '0.0001',
});

function intentOf(execution: CreatedExecution, overrides: Partial<OrderIntent> = {}): OrderIntent {
  return {
    clientOrderId: `${execution.executionId}-5-1`,
    executionId: execution.executionId,
    ticker: '^SPX',
    side: 'BUY',
    type: 'MARKET',
    quantity: '10',
    referencePrice: '100.5',
    stopPrice: '95.125',
    targetPrice: null,
    occurredAt: Date.UTC(2020, 0, 2),
    ...overrides,
  };
}

function fillOf(intent: OrderIntent, overrides: Partial<Fill> = {}): Fill {
  return {
    clientOrderId: intent.clientOrderId,
    sequence: 1,
    ticker: intent.ticker,
    side: intent.side,
    quantity: intent.quantity,
    price: '101.00000001',
    fee: '1.05',
    slippageCost: '0.1',
    filledAt: Date.UTC(2020, 0, 3),
    ...overrides,
  };
}

function submissionOf(claim: ClaimedExecution, intent: OrderIntent, fill: Fill | null): OrderEnding {
  const accepted = acceptOrder(intent);
  return {
    executionId: claim.executionId,
    leaseToken: claim.leaseToken,
    pipelineId: claim.pipelineId,
    order: fill === null ? accepted : applyFillToOrder(accepted, fill),
    fill,
    account: claim.account,
    positions: claim.positions,
    venue: 'paper',
    isChecked: true,
    freshUntil: claim.freshUntil,
    hasIntent: claim.intent !== null,
    status: 'completed',
    result: { action: 'open' },
    cost: '0.0005',
  };
}

describe('claiming', () => {
  it('returns the pipeline at the triggered version, the signal, the account and no steps', async () => {
    const execution = await fixture.addExecution({ cooldownMs: 5_000 });
    const claim = await claimed(execution);
    expect(claim).toMatchObject({
      executionId: execution.executionId,
      attempt: 1,
      leaseToken: 1,
      generation: 1,
      pipeline: { id: execution.pipelineId, version: 1, cooldownMs: 5_000, userId: fixture.trader.userId },
      signal: { signalType: 'golden_cross', tickers: [{ ticker: '^SPX', signal: 'BULLISH', confidence: 80 }] },
      account: { initialCash: '100000', cash: '100000', version: 0 },
      positions: [],
      steps: [],
      intent: null,
    });
    expect(claim.leaseUntil).toBeGreaterThan(claim.createdAt);
  });

  it('succeeds for one of eight concurrent workers', async () => {
    const { executionId } = await fixture.addExecution();
    const claims = await Promise.all(Array.from({ length: 8 }, async () => store().claim(executionId, 1, CLAIM)));
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  });

  it('is denied for another generation and after the end', async () => {
    const execution = await fixture.addExecution();
    expect(await store().claim(execution.executionId, 2, CLAIM)).toBeNull();
    const claim = await claimed(execution);
    await store().finish({ ...claim, status: 'skipped', stopReason: 'bias_neutral', cost: '0', steps: [step(1)] });
    expect(await store().claim(execution.executionId, 1, CLAIM)).toBeNull();
    const detail = await createExecutionRepository(fixture.database).find(fixture.trader, execution.executionId);
    expect(detail).toMatchObject({
      status: 'skipped',
      stopReason: 'bias_neutral',
      steps: [{ stepNo: 1, cost: '0.0001' }],
    });
  });

  it('is possible again when the lease has expired, and returns the checkpointed steps', async () => {
    const execution = await fixture.addExecution();
    const first = await claimed(execution, EXPIRED);
    const intent = intentOf(execution);
    await store().checkpoint({ ...first, steps: [step(1), step(2)], intent, guard: GUARD });
    const second = await claimed(execution);
    expect(second).toMatchObject({ attempt: 2, leaseToken: 2, intent: { intent, state: 'submitted' } });
    expect(second.steps).toEqual([step(1), step(2)]);
  });
});

describe('a worker that lost its lease', () => {
  it('cannot write anything', async () => {
    const execution = await fixture.addExecution();
    const zombie = await claimed(execution, EXPIRED);
    await claimed(execution);
    const intent = intentOf(execution);
    const writes = [
      store().checkpoint({ ...zombie, steps: [step(1)], intent, guard: GUARD }),
      store().finishWithOrder(submissionOf(zombie, intent, fillOf(intent))),
      store().finish({ ...zombie, status: 'failed', cost: '0' }),
      store().release(zombie, 'x'),
    ];
    for (const write of await Promise.allSettled(writes)) {
      expect(write).toMatchObject({ status: 'rejected', reason: expect.any(LeaseLostError) as unknown });
    }
    expect(refused.sort()).toEqual(['checkpoint', 'finish', 'release', 'submit']);
    expect(await store().renew([zombie], 30_000)).toEqual(new Set());
    expect(await orders().find(fixture.trader, intent.clientOrderId)).toBeNull();
    const detail = await createExecutionRepository(fixture.database).find(fixture.trader, execution.executionId);
    expect(detail).toMatchObject({ status: 'running', steps: [], intents: [] });
  });
});

describe('checkpointing', () => {
  it('keeps the first intent and the first steps when a retry decides differently', async () => {
    const execution = await fixture.addExecution();
    const first = await claimed(execution, EXPIRED);
    const stored = await store().checkpoint({ ...first, steps: [step(1)], intent: intentOf(execution), guard: GUARD });
    const second = await claimed(execution);
    const kept = await store().checkpoint({
      ...second,
      steps: [step(1, 'another answer'), step(2)],
      intent: intentOf(execution, { side: 'SELL', quantity: '99' }),
      guard: GUARD,
    });
    expect(kept.intent?.intent).toEqual(stored.intent?.intent);
    expect(kept.intent?.submittedAt).toBeGreaterThan(stored.intent?.submittedAt ?? Infinity);
    expect(kept.intent?.intent).toMatchObject({ side: 'BUY', quantity: '10' });
    const detail = await createExecutionRepository(fixture.database).find(fixture.trader, execution.executionId);
    expect(detail?.steps.map((row) => row.output)).toEqual([{ n: 1 }, { n: 2 }]);
  });
});

describe('submitting to the paper broker', () => {
  it('stores order, fill, position, cash and result together', async () => {
    const execution = await fixture.addExecution();
    const claim = await claimed(execution);
    const intent = intentOf(execution);
    await store().checkpoint({ ...claim, steps: [step(1)], intent, guard: GUARD });
    const result = await store().finishWithOrder(submissionOf(claim, intent, fillOf(intent)));

    expect(result).toMatchObject({ denial: null, realisedPnl: '0', position: { quantity: '10' } });
    const detail = await createExecutionRepository(fixture.database).find(fixture.trader, execution.executionId);
    expect(detail).toMatchObject({
      status: 'completed',
      result: { action: 'open' },
      cost: '0.0005',
      intents: [{ state: 'acked' }],
      orders: [
        { status: 'filled', averageFillPrice: '101.00000001', stopPrice: '95.125', targetPrice: null, fees: '1.05' },
      ],
      fills: [{ id: `${intent.clientOrderId}-f1`, price: '101.00000001', slippageCost: '0.1' }],
    });
    expect(await orders().findAccount(fixture.trader, execution.pipelineId)).toMatchObject({ cash: '98988.9499999' });
    expect(await orders().listPositions(fixture.trader, { pipelineId: execution.pipelineId })).toMatchObject([
      { ticker: '^SPX', quantity: '10', averagePrice: '101.00000001', fees: '1.05' },
    ]);
  });

  it('books nothing twice when ten workers with the same lease submit concurrently', async () => {
    const execution = await fixture.addExecution();
    const claim = await claimed(execution);
    const intent = intentOf(execution);
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, async () => store().finishWithOrder(submissionOf(claim, intent, fillOf(intent)))),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(await orders().findAccount(fixture.trader, execution.pipelineId)).toMatchObject({ cash: '98988.9499999' });
    const fills = await fixture.rows('SELECT 1 FROM fills WHERE pipeline_id = $1', [execution.pipelineId]);
    expect(fills).toHaveLength(1);
  });

  it('settles on the current account when a resting order was filled in the meantime', async () => {
    const first = await fixture.addExecution();
    const firstClaim = await claimed(first);
    const resting = intentOf(first);
    await store().finishWithOrder(submissionOf(firstClaim, resting, null));
    expect(await createRestingOrderStore(fixture.database).loadRestingOrders(100)).toMatchObject([
      { clientOrderId: resting.clientOrderId, status: 'accepted' },
    ]);

    const second = await followUp(first.pipelineId);
    const secondClaim = await claimed(second);
    const filled = await createRestingOrderStore(fixture.database).fillRestingOrder(fillOf(resting, { price: '100' }));
    const sell = intentOf(second, { side: 'SELL', quantity: '4' });
    const result = await store().finishWithOrder(
      submissionOf(secondClaim, sell, fillOf(sell, { price: '110', fee: '1' })),
    );
    expect(filled).toBe(true);
    expect(result).toMatchObject({ realisedPnl: '40', position: { quantity: '6', realisedPnl: '40', fees: '2.05' } });
    // 100000 - 1000 - 1.05 + 440 - 1
    expect(await orders().findAccount(fixture.trader, first.pipelineId)).toMatchObject({ cash: '99437.95' });
    expect(await createRestingOrderStore(fixture.database).fillRestingOrder(fillOf(resting))).toBe(false);
  });

  it('pages through resting orders by id', async () => {
    const resting = createRestingOrderStore(fixture.database);
    for (let n = 0; n < 3; n += 1) {
      const execution = await fixture.addExecution();
      await store().finishWithOrder(submissionOf(await claimed(execution), intentOf(execution), null));
    }
    const all = (await resting.loadRestingOrders(100)).map(({ clientOrderId }) => clientOrderId);
    const first = (await resting.loadRestingOrders(2)).map(({ clientOrderId }) => clientOrderId);
    const rest = (await resting.loadRestingOrders(100, first[1])).map(({ clientOrderId }) => clientOrderId);
    expect([...first, ...rest]).toEqual(all);
  });

  it('stores a rejected order without touching the account', async () => {
    const execution = await fixture.addExecution();
    const claim = await claimed(execution);
    const intent = intentOf(execution);
    await store().checkpoint({ ...claim, steps: [], intent, guard: GUARD });
    await store().finishWithOrder({
      ...submissionOf(claim, intent, null),
      order: { ...acceptOrder(intent), status: 'rejected' },
      orderReason: 'no cash',
    });
    expect(await orders().find(fixture.trader, intent.clientOrderId)).toMatchObject({
      status: 'rejected',
      reason: 'no cash',
    });
    expect(await orders().findAccount(fixture.trader, execution.pipelineId)).toMatchObject({ cash: '100000' });
  });
});

describe('sweeping', () => {
  const sweptOf = (rows: readonly { executionId: string }[], execution: CreatedExecution) =>
    rows.filter((row) => row.executionId === execution.executionId);

  it('requeues never-enqueued executions under the next generation, and the old job finds nothing', async () => {
    const execution = await fixture.addExecution();
    const swept = await sweeper().sweep({ notEnqueuedMs: 0 });
    expect(sweptOf(swept.requeue, execution)).toMatchObject([{ generation: 2, cause: 'not_enqueued' }]);
    expect(await store().claim(execution.executionId, 1, CLAIM)).toBeNull();
    expect(await store().claim(execution.executionId, 2, CLAIM)).toMatchObject({ attempt: 1 });
  });

  it('doubles the wait of a job in a long queue, up to sixteen times the first wait', async () => {
    const execution = await fixture.addExecution();
    const sweptAt = async (createdAgoMs: number, enqueuedAgoMs: number) => {
      await fixture.rows(
        `UPDATE executions SET requested_at = now() - interval '1 day', dispatch_gen = 9,
           created_at = clock_timestamp() - $2::float8 * interval '1 millisecond',
           enqueued_at = clock_timestamp() - $3::float8 * interval '1 millisecond' WHERE id = $1`,
        [execution.executionId, createdAgoMs, enqueuedAgoMs],
      );
      return sweptOf((await sweeper().sweep()).requeue, execution);
    };
    expect(await sweptAt(80_000, 50_000)).toEqual([]);
    expect(await sweptAt(80_000, 65_000)).toMatchObject([{ generation: 10, cause: 'stale_job' }]);
    expect(await sweptAt(300_000, 140_000)).toEqual([]);
    expect(await sweptAt(300_000, 155_000)).toMatchObject([{ generation: 10, cause: 'stale_job' }]);
    expect(await sweptAt(3_600_000, 950_000)).toEqual([]);
    expect(await sweptAt(3_600_000, 970_000)).toMatchObject([{ generation: 10, cause: 'stale_job' }]);
  });

  it('requeues the execution of a dead worker, fails it when attempts are used up, and drops its open intent', async () => {
    const execution = await fixture.addExecution();
    await fixture.rows('UPDATE executions SET max_attempts = 2 WHERE id = $1', [execution.executionId]);
    const first = await claimed(execution, EXPIRED);
    await store().checkpoint({ ...first, steps: [step(1)], intent: intentOf(execution), guard: GUARD });
    const requeued = sweptOf((await sweeper().sweep()).requeue, execution);
    expect(requeued).toMatchObject([{ generation: 2, cause: 'lease_expired' }]);
    expect(await store().claim(execution.executionId, 2, EXPIRED)).toMatchObject({
      attempt: 2,
      steps: [{ stepNo: 1 }],
    });
    expect(sweptOf((await sweeper().sweep()).failed, execution)).toHaveLength(1);
    const detail = await createExecutionRepository(fixture.database).find(fixture.trader, execution.executionId);
    // The broker may have the order, so it is asked before the intent is abandoned.
    expect(detail).toMatchObject({ status: 'failed', intents: [{ state: 'submitted' }] });
    expect(detail?.error).toBe('the worker stopped in each of 2 attempts');
  });

  it('ends an execution past its deadline although its worker still renews the lease', async () => {
    const execution = await fixture.addExecution();
    const claim = await claimed(execution, { ...CLAIM, deadlineMs: -1 } as typeof CLAIM);
    expect(sweptOf((await sweeper().sweep()).timedOut, execution)).toHaveLength(1);
    expect(await store().renew([claim], 30_000)).toEqual(new Set());
  });

  it('gives every row to one of two sweepers', async () => {
    const executions = await Promise.all(Array.from({ length: 10 }, async () => fixture.addExecution()));
    const results = await Promise.all([0, 1, 2].map(async () => sweeper().sweep({ notEnqueuedMs: 0, batchSize: 50 })));
    const generations = results
      .flatMap((result) => result.requeue)
      .filter((row) => executions.some((execution) => execution.executionId === row.executionId));
    const latest = await fixture.rows<{ gen: number }>(
      'SELECT dispatch_gen AS gen FROM executions WHERE id = ANY ($1)',
      [executions.map((execution) => execution.executionId)],
    );
    // Each requeue was reported exactly once, by either sweeper.
    expect(generations).toHaveLength(latest.reduce((sum, row) => sum + row.gen - 1, 0));
    expect(new Set(generations.map((row) => `${row.executionId}/${row.generation}`)).size).toBe(generations.length);
  });
});

describe('releasing', () => {
  it('requeues the execution under the next generation, or fails it when attempts are used up', async () => {
    const execution = await fixture.addExecution();
    await fixture.rows('UPDATE executions SET max_attempts = 2 WHERE id = $1', [execution.executionId]);
    expect(await store().release(await claimed(execution), 'no bars')).toEqual({ status: 'pending', generation: 2 });
    const again = await claimed({ ...execution, generation: 2 });
    await store().checkpoint({ ...again, steps: [step(1)], intent: intentOf(execution), guard: GUARD });
    expect(await store().release(again, 'no bars')).toEqual({ status: 'failed', generation: 3 });
    const detail = await createExecutionRepository(fixture.database).find(fixture.trader, execution.executionId);
    expect(detail).toMatchObject({ error: 'no bars', intents: [{ state: 'submitted' }] });
  });
});

/** Another execution of the same pipeline. */
async function followUp(pipelineId: string): Promise<CreatedExecution> {
  const { created } = await createDecisionStore(fixture.database).decideTriggers([
    { pipelineId, triggerId: randomUUID(), triggerMode: 'manual', occurredAt: Date.UTC(2020, 0, 4) },
  ]);
  if (created[0] === undefined) throw new Error('not triggered');
  return created[0];
}
