import { decideRestart, type RestartDecision, RESTART_AT_ONCE, type RestartPolicy } from './restart-policy';

const POLICY: RestartPolicy = { maxCrashes: 4, windowMs: 60_000, firstWaitMs: 500, maxWaitMs: 800 };

function decide(crashTimes: readonly number[], random = 0.5, policy = POLICY): RestartDecision {
  return decideRestart({ crashTimes, now: crashTimes.at(-1) ?? 0, random, policy });
}

describe('decideRestart', () => {
  it('waits for a random share of the first bound after the first crash', () => {
    expect(decide([1_000])).toEqual({ action: 'restart', waitMs: 250 });
    expect(decide([1_000], 0)).toEqual({ action: 'restart', waitMs: 0 });
  });

  it('doubles the bound with each crash in the window, up to the maximum', () => {
    expect(decide([1_000, 2_000], 0.999)).toEqual({ action: 'restart', waitMs: 0.999 * 800 });
    expect(decide([1_000, 2_000], 0.5, { ...POLICY, maxWaitMs: 5_000 })).toEqual({ action: 'restart', waitMs: 500 });
    expect(decide([1_000, 2_000, 3_000], 0.5, { ...POLICY, maxWaitMs: 5_000 })).toEqual({
      action: 'restart',
      waitMs: 1_000,
    });
  });

  it('gives up on the last crash that the window allows', () => {
    expect(decide([1_000, 2_000, 3_000])).toMatchObject({ action: 'restart' });
    expect(decide([1_000, 2_000, 3_000, 4_000])).toEqual({ action: 'give-up', crashes: 4 });
  });

  it('forgets crashes that are older than the window', () => {
    expect(decide([1_000, 2_000, 3_000, 62_000])).toEqual({ action: 'restart', waitMs: 400 });
    expect(decide([1_000, 2_000, 3_000, 63_001])).toEqual({ action: 'restart', waitMs: 250 });
  });

  it('always restarts at once under RESTART_AT_ONCE', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => index);
    expect(decide(many, 0.9, RESTART_AT_ONCE)).toEqual({ action: 'restart', waitMs: 0 });
  });
});
