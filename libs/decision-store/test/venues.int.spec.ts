import { randomUUID } from 'node:crypto';

import { DuplicateError } from '@tripline/database';
import { createExecutionStore } from '@tripline/execution-store';
import { createVenueRepository } from '@tripline/trading-store';
import { CLAIM, claimed, claimedRuns, type Fixture, intentOf, openFixture, STEP } from '@tripline/store-fixture';

jest.setTimeout(60_000);

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(async () => fixture.close());

const venues = () => createVenueRepository(fixture.database);
const store = () => createExecutionStore(fixture.database);

async function endOf(executionId: string) {
  const [row] = await fixture.rows(
    `SELECT status, stop_reason, (SELECT count(*)::int FROM orders o WHERE o.execution_id = e.id) AS orders,
       (SELECT count(*)::int FROM order_intents i WHERE i.execution_id = e.id AND i.state = 'submitted') AS submitted
     FROM executions e WHERE id = $1`,
    [executionId],
  );
  return row;
}

describe('the venue repository', () => {
  it('permits paper venues to every user, and other venues only while enabled and granted', async () => {
    const { userId } = fixture.trader;
    const stranger = await fixture.addTrader();
    expect(await venues().isPermitted('paper', userId)).toBe(true);
    expect(await venues().isPermitted('paper-team', userId)).toBe(true);
    expect(await venues().isPermitted('gamma', userId)).toBe(false);
    await venues().create('gamma', userId);
    expect(await venues().isPermitted('gamma', userId)).toBe(false);
    expect(await venues().grant('gamma', userId, stranger.userId)).toMatchObject({
      isEnabled: true,
      userIds: [userId],
    });
    expect(await venues().grant('gamma', userId, stranger.userId)).toMatchObject({ userIds: [userId] });
    expect(await venues().isPermitted('gamma', userId)).toBe(true);
    expect(await venues().isPermitted('gamma', stranger.userId)).toBe(false);
    expect(await venues().listGranted(userId)).toContain('gamma');
    expect(await venues().setEnabled('gamma', false)).toMatchObject({ isEnabled: false });
    expect(await venues().isPermitted('gamma', userId)).toBe(false);
    expect(await venues().listGranted(userId)).not.toContain('gamma');
    await venues().setEnabled('gamma', true);
    expect(await venues().revoke('gamma', userId)).toMatchObject({ userIds: [] });
    expect(await venues().isPermitted('gamma', userId)).toBe(false);
  });

  it('distinguishes a taken name, an unknown venue and an unknown user from a success', async () => {
    const { userId } = fixture.trader;
    await venues().create('delta', userId);
    await expect(venues().create('delta', userId)).rejects.toBeInstanceOf(DuplicateError);
    expect(await venues().grant('nowhere', userId, userId)).toBeNull();
    expect(await venues().grant('delta', randomUUID(), userId)).toBeNull();
    expect(await venues().revoke('nowhere', userId)).toBeNull();
    expect(await venues().setEnabled('nowhere', true)).toBeNull();
  });

  it('cannot hold a paper venue', async () => {
    await expect(venues().create('paper-x', fixture.trader.userId)).rejects.toMatchObject({ code: '23514' });
  });
});

describe('an execution for a venue', () => {
  it('is skipped at its start when the grant was revoked or the venue disabled', async () => {
    const revoked = await fixture.addExecution({ venue: 'alpha' });
    await venues().revoke('alpha', revoked.userId);
    expect(await store().claim(revoked.executionId, 1, CLAIM)).toMatchObject({ denial: 'venue_not_permitted' });
    expect(await endOf(revoked.executionId)).toEqual({
      status: 'skipped',
      stop_reason: 'venue_not_permitted',
      orders: 0,
      submitted: 0,
    });
    const disabled = await fixture.addExecution({ venue: 'beta' });
    await venues().setEnabled('beta', false);
    expect(await store().claim(disabled.executionId, 1, CLAIM)).toMatchObject({ denial: 'venue_not_permitted' });
  });

  it('is skipped at its start when its venue has no row', async () => {
    const run = await fixture.addExecution();
    await fixture.rows(
      `UPDATE pipeline_versions SET definition = definition || '{"venue": "legacy"}' WHERE pipeline_id = $1`,
      [run.pipelineId],
    );
    expect(await store().claim(run.executionId, 1, CLAIM)).toMatchObject({ denial: 'venue_not_permitted' });
  });

  it('commits no intent when the grant was revoked after its start, and none for an earlier attempt that never arrived', async () => {
    const [run] = await claimedRuns(fixture, 1, { venue: 'epsilon' });
    const checkpoint = { ...run!, steps: [STEP], intent: intentOf(run!.executionId) };
    const guard = { venue: 'epsilon', freshUntil: null };
    await venues().revoke('epsilon', run!.userId);
    expect(await store().checkpoint({ ...checkpoint, guard })).toEqual({
      denial: 'venue_not_permitted',
      intent: null,
    });
    expect(await endOf(run!.executionId)).toMatchObject({ submitted: 0 });
  });

  it('is started without a grant when its order may be at the broker, so that the broker is asked', async () => {
    const due = await fixture.addExecution({ venue: 'zeta' });
    const first = await claimed(store(), due, { ...CLAIM, leaseMs: -1 });
    const guard = { venue: 'zeta', freshUntil: null };
    await store().checkpoint({ ...first, steps: [STEP], intent: intentOf(due.executionId), guard });
    await venues().revoke('zeta', due.userId);
    const again = await claimed(store(), due);
    expect(again).toMatchObject({ attempt: 2, intent: { state: 'submitted' } });
    // An order the broker does not have is not sent: the checkpoint denies it.
    const resent = { ...again, steps: [], intent: intentOf(due.executionId), guard };
    expect(await store().checkpoint(resent)).toMatchObject({ denial: 'venue_not_permitted' });
  });
});
