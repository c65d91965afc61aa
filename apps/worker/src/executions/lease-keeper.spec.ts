import type { Lease } from '@tripline/execution-store';

import { createLeaseKeeper } from './lease-keeper';

const LEASE_MS = 9_000;
const RENEW_MS = 2_000;
const lease = (executionId: string): Lease => ({ executionId, leaseToken: 1 });

/** A keeper whose store answers with `answer`; renewals are recorded. */
async function createHarness(answer: (leases: readonly Lease[]) => Promise<readonly string[]>) {
  let nowMs = 0;
  const renewals: string[][] = [];
  const lost: string[] = [];
  let failures = 0;
  const keeper = createLeaseKeeper({
    store: {
      renew: async (leases) => {
        renewals.push(leases.map(({ executionId }) => executionId));
        return new Set(await answer(leases));
      },
    },
    leaseMs: LEASE_MS,
    renewEveryMs: RENEW_MS,
    monotonicMs: () => nowMs,
    onDenied: () => undefined,
    onRenewalFailed: () => (failures += 1),
  });
  await keeper.start();
  const pass = async (ms: number): Promise<void> => {
    nowMs += ms;
    await jest.advanceTimersByTimeAsync(ms);
  };
  const hold = (id: string) => keeper.hold(lease(id), nowMs, ({ executionId }) => lost.push(executionId));
  return { keeper, hold, pass, renewals, lost, failures: () => failures };
}

const all = (leases: readonly Lease[]) => Promise.resolve(leases.map(({ executionId }) => executionId));

describe('createLeaseKeeper', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('renews all leases in one statement, except those that were just granted', async () => {
    const { hold, pass, renewals } = await createHarness(all);
    hold('e1');
    const second = hold('e2');
    await pass(RENEW_MS - 500);
    hold('e3');
    await pass(500);
    expect(renewals).toEqual([['e1', 'e2']]);
    second.release();
    await pass(RENEW_MS);
    expect(renewals.at(-1)).toEqual(['e1', 'e3']);
  });

  it('reports only the lease that the store does not renew as lost', async () => {
    const { hold, pass, lost } = await createHarness(() => Promise.resolve(['e2']));
    const [first, second] = [hold('e1'), hold('e2')];
    await pass(RENEW_MS);
    expect(lost).toEqual(['e1']);
    expect(first.throwIfLost).toThrow('lease');
    expect(second.throwIfLost).not.toThrow();
  });

  it('survives an outage, and continues after a process pause when no other worker has taken over', async () => {
    let isAway = true;
    const { hold, pass, lost, failures } = await createHarness((leases) =>
      isAway ? Promise.reject(new Error('database unavailable')) : all(leases),
    );
    const held = hold('e1');
    await pass(RENEW_MS);
    await pass(3 * LEASE_MS);
    expect(failures()).toBeGreaterThan(0);
    isAway = false;
    await pass(RENEW_MS);
    expect(lost).toEqual([]);
    expect(held.throwIfLost).not.toThrow();
  });

  it('reports no loss for an execution whose final write is in progress', async () => {
    const { hold, pass, lost } = await createHarness(() => Promise.resolve([]));
    hold('e1').beginEnding();
    await pass(RENEW_MS);
    expect(lost).toEqual([]);
  });

  it('renews before an irreversible effect when too little of the lease is left, and throws when that fails', async () => {
    let isAway = false;
    const { keeper, hold, pass, renewals } = await createHarness((leases) =>
      isAway ? Promise.reject(new Error('database unavailable')) : all(leases),
    );
    const held = hold('e1');
    await keeper.stop();
    await held.ensure(4_000);
    expect(renewals).toEqual([]);
    await pass(6_000);
    await held.ensure(4_000);
    expect(renewals).toEqual([['e1']]);
    isAway = true;
    await pass(6_000);
    await expect(held.ensure(4_000)).rejects.toThrow('could not be renewed');
  });
});
