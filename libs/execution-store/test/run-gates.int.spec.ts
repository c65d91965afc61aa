import type { HaltLevel, HaltMode } from '@tripline/risk';

import { createExecutionStore } from '../src/executions/execution-store';
import { createHaltStore } from '@tripline/trading-store';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { CLAIM, claimedRuns, type Fixture, intentOf, openFixture, orderEnding, STEP } from '@tripline/store-fixture';

jest.setTimeout(60_000);

let fixture: Fixture;
const lifts: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  fixture = await openFixture();
});
afterEach(async () => {
  for (const lift of lifts.splice(0)) await lift();
});
afterAll(async () => fixture.close());

const store = () => createExecutionStore(fixture.database);

async function halt(level: HaltLevel, subject: string, mode: HaltMode = 'pause'): Promise<void> {
  const halts = createHaltStore(fixture.database);
  const { userId } = fixture.trader;
  const engaged = await halts.engage({ level, subject, mode, reason: 'test', engagedBy: userId });
  lifts.push(async () => halts.lift(engaged.halt.id, userId, 'test over'));
}

async function endOf(executionId: string) {
  const [row] = await fixture.rows<{
    status: string;
    stop_reason: string;
    attempt: number;
    steps: number;
    orders: number;
  }>(
    `SELECT status, stop_reason, attempt, (SELECT count(*)::int FROM execution_steps s WHERE s.execution_id = e.id) AS steps,
       (SELECT count(*)::int FROM orders o WHERE o.execution_id = e.id) AS orders FROM executions e WHERE id = $1`,
    [executionId],
  );
  return row;
}

describe('an execution at its start', () => {
  it.each(['global', 'user', 'pipeline', 'ticker', 'venue'] as const)(
    'is ended by a halt of level %s',
    async (level) => {
      const run = await fixture.addExecution();
      const subjects = { global: '', user: run.userId, pipeline: run.pipelineId, ticker: '^SPX', venue: 'paper' };
      await halt(level, subjects[level]);
      expect(await store().claim(run.executionId, 1, CLAIM)).toMatchObject({ denial: `halted_${level}` });
      expect(await endOf(run.executionId)).toMatchObject({
        status: 'skipped',
        stop_reason: `halted_${level}`,
        attempt: 0,
      });
      expect(await store().claim(run.executionId, 1, CLAIM)).toBeNull();
    },
  );

  it('passes a reduce-only halt, and halts of other users', async () => {
    const run = await fixture.addExecution();
    await halt('user', run.userId, 'reduce_only');
    await halt('ticker', 'ELSE');
    expect(await store().claim(run.executionId, 1, CLAIM)).toMatchObject({ attempt: 1 });
  });

  it('is ended when its signal has become too old, by event or by append time', async () => {
    const maxSignalAgeMs = 60_000;
    const byEvent = await fixture.addExecution();
    await fixture.rows(
      `UPDATE pipeline_versions SET definition = definition || '{"maxSignalAgeMs": 60000, "signalAgeFrom": "event"}'
       WHERE pipeline_id = $1`,
      [byEvent.pipelineId],
    );
    expect(await store().claim(byEvent.executionId, 1, CLAIM)).toMatchObject({ denial: 'signal_too_old' });
    const fresh = await fixture.addExecution({ maxSignalAgeMs, signalAgeFrom: 'append' });
    const claim = await store().claim(fresh.executionId, 1, CLAIM);
    expect(claim).toMatchObject({ attempt: 1, freshUntil: expect.any(Number) as unknown });
    const waited = await fixture.addExecution({ maxSignalAgeMs, signalAgeFrom: 'append' });
    await fixture.rows(
      `UPDATE signals SET appended_at = now() - interval '61 seconds'
       WHERE id = (SELECT signal_id FROM executions WHERE id = $1)`,
      [waited.executionId],
    );
    expect(await store().claim(waited.executionId, 1, CLAIM)).toMatchObject({ denial: 'signal_too_old' });
  });

  it('is ended when its pipeline was switched off, unless started manually', async () => {
    const run = await fixture.addExecution();
    await createPipelineRepository(fixture.database).setActive(fixture.trader, run.pipelineId, false);
    const manual = await fixture.addExecution();
    await createPipelineRepository(fixture.database).setActive(fixture.trader, manual.pipelineId, false);
    await fixture.rows(`UPDATE executions SET trigger_mode = 'manual' WHERE id = $1`, [manual.executionId]);
    expect(await store().claim(run.executionId, 1, CLAIM)).toMatchObject({ denial: 'pipeline_inactive' });
    expect(await store().claim(manual.executionId, 1, CLAIM)).toMatchObject({ attempt: 1 });
  });

  it('is started regardless when its order may be at the broker', async () => {
    const run = await fixture.addExecution({ venue: 'alpha' });
    const first = await store().claim(run.executionId, 1, { ...CLAIM, leaseMs: -1 });
    if (first === null || 'denial' in first) throw new Error('not claimed');
    const guard = { venue: 'alpha', freshUntil: null };
    await store().checkpoint({ ...first, steps: [STEP], intent: intentOf(run.executionId), guard });
    await halt('venue', 'alpha');
    expect(await store().claim(run.executionId, 1, CLAIM)).toMatchObject({
      attempt: 2,
      intent: { state: 'submitted' },
    });
  });
});

describe('an execution before its order', () => {
  it.each(['pause', 'cancel', 'flatten'] as const)(
    'is ended by a halt of mode %s, with its steps and without an order',
    async (mode) => {
      const [run] = await claimedRuns(fixture, 1, { venue: 'paper' });
      // Another pipeline's halt first, to show that it does not apply.
      await halt('pipeline', '00000000-0000-4000-8000-000000000000', mode);
      await halt('ticker', 'BTC-USD', mode);
      const ending = orderEnding(run!, { ticker: 'BTC-USD' });
      expect(await store().finishWithOrder(ending)).toMatchObject({ denial: 'halted_ticker', position: null });
      expect(await endOf(run!.executionId)).toEqual({
        status: 'skipped',
        stop_reason: 'halted_ticker',
        attempt: 1,
        steps: 1,
        orders: 0,
      });
      const [account] = await fixture.rows('SELECT version::int FROM paper_accounts WHERE pipeline_id = $1', [
        run?.pipelineId,
      ]);
      expect(account).toEqual({ version: 0 });
    },
  );

  it('may only reduce under reduce_only', async () => {
    const [opening, reducing, reversing] = await claimedRuns(fixture, 3);
    for (const run of [reducing, reversing]) {
      await fixture.rows(
        `INSERT INTO positions (pipeline_id, ticker, qty, avg_price, realised_pnl, fees) VALUES ($1, '^SPX', 10, 90, 0, 0)`,
        [run?.pipelineId],
      );
    }
    await halt('user', fixture.trader.userId, 'reduce_only');
    const results = await Promise.all([
      store().finishWithOrder(orderEnding(opening!)),
      store().finishWithOrder(orderEnding(reducing!, { side: 'SELL', quantity: '10' })),
      store().finishWithOrder(orderEnding(reversing!, { side: 'SELL', quantity: '11' })),
    ]);
    expect(results.map(({ denial }) => denial)).toEqual(['halted_user', null, 'halted_user']);
  });

  it('is ended when its signal has become too old', async () => {
    const [run] = await claimedRuns(fixture, 1);
    const ending = { ...orderEnding(run!), freshUntil: Date.now() - 1_000 };
    expect(await store().finishWithOrder(ending)).toMatchObject({ denial: 'signal_too_old' });
    expect(await endOf(run!.executionId)).toMatchObject({ status: 'skipped', orders: 0 });
  });

  it('commits no intent for an external broker when halted or too old', async () => {
    const [run] = await claimedRuns(fixture, 1, { venue: 'alpha' });
    const checkpoint = { ...run!, steps: [STEP], intent: intentOf(run!.executionId) };
    const old = { venue: 'alpha', freshUntil: Date.now() - 1_000 };
    expect(await store().checkpoint({ ...checkpoint, guard: old })).toEqual({
      denial: 'signal_too_old',
      intent: null,
    });
    await halt('venue', 'alpha');
    const guard = { venue: 'alpha', freshUntil: null };
    expect(await store().checkpoint({ ...checkpoint, guard })).toEqual({ denial: 'halted_venue', intent: null });
    expect(await fixture.rows('SELECT 1 FROM order_intents WHERE execution_id = $1', [run?.executionId])).toEqual([]);
  });

  it('is not checked again once the broker has the order', async () => {
    const [run] = await claimedRuns(fixture, 1);
    await halt('global', '');
    const ending = { ...orderEnding(run!), isChecked: false };
    expect(await store().finishWithOrder(ending)).toMatchObject({ denial: null });
  });
});
