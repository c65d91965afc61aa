import { LeaseLostError } from '@tripline/persistence';

import { keepLease } from './lease-keeper';

const LEASE_MS = 30_000;
const lease = { executionId: 'e1', leaseToken: 1 };

function createHarness(renew: () => Promise<number>) {
  let nowMs = 0;
  let lost = 0;
  const kept = keepLease(lease, 0, {
    store: { renew },
    leaseMs: LEASE_MS,
    monotonicMs: () => nowMs,
    onLost: () => (lost += 1),
  });
  const pass = async (ms: number): Promise<void> => {
    nowMs += ms;
    await jest.advanceTimersByTimeAsync(ms);
  };
  return { kept, pass, lost: () => lost, jump: (ms: number) => (nowMs += ms) };
}

describe('keepLease', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('renews at a third of the lease for as long as it is held', async () => {
    let renewals = 0;
    const { kept, pass, lost } = createHarness(() => Promise.resolve((renewals += 1)));
    for (let n = 0; n < 12; n += 1) await pass(LEASE_MS / 3);
    expect(renewals).toBe(12);
    expect(lost()).toBe(0);
    kept.release();
    await pass(LEASE_MS);
    expect(renewals).toBe(12);
  });

  it('is lost at once when the store refuses', async () => {
    const { kept, pass, lost } = createHarness(() => Promise.reject(new LeaseLostError('e1')));
    await pass(LEASE_MS / 3);
    expect(kept.signal.aborted).toBe(true);
    expect(lost()).toBe(1);
  });

  it('survives an outage shorter than the lease, and gives up before a longer one outlasts it', async () => {
    const { kept, pass } = createHarness(() => Promise.reject(new Error('database away')));
    await pass(LEASE_MS / 3);
    await pass(LEASE_MS / 3);
    expect(kept.signal.aborted).toBe(false);
    await pass(LEASE_MS / 3);
    expect(kept.signal.aborted).toBe(true);
  });

  it('knows after a pause of the process that the lease is over, before anybody tells it', async () => {
    let renewals = 0;
    const { kept, pass, jump } = createHarness(() => Promise.resolve((renewals += 1)));
    jump(2 * LEASE_MS);
    await pass(LEASE_MS / 3);
    expect(kept.signal.aborted).toBe(true);
    expect(renewals).toBe(0);
  });
});
