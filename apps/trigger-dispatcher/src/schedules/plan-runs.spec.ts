import { CATCH_UP_POLICIES } from '@tripline/triggers';
import { buildSchedule } from '@tripline/testing';
import * as fc from 'fast-check';

import { createNextRun } from './next-run';
import { MAX_CATCH_UP_RUNS, MISSED_AFTER_MS, planRuns } from './plan-runs';

const HOUR_MS = 3_600_000;
const NOON = Date.UTC(2026, 0, 5, 12);
const hourly = createNextRun(buildSchedule({ cron: '0 * * * *' }));
const at = (...hours: number[]) => hours.map((hour) => Date.UTC(2026, 0, 5, hour));

describe('planRuns', () => {
  it.each(CATCH_UP_POLICIES)('starts an execution that is up to a minute late under the policy %s', (policy) => {
    expect(planRuns(hourly, NOON, NOON + MISSED_AFTER_MS, policy)).toEqual({
      runs: [NOON],
      missed: null,
      nextDueAt: NOON + HOUR_MS,
    });
  });

  it('starts the newest missed execution in place of all of them under the policy latest', () => {
    expect(planRuns(hourly, NOON - 3 * HOUR_MS, NOON + 5 * MISSED_AFTER_MS, 'latest')).toEqual({
      runs: [NOON],
      missed: { count: 3, isCounted: true, firstDueAt: NOON - 3 * HOUR_MS, lastDueAt: NOON - HOUR_MS },
      nextDueAt: NOON + HOUR_MS,
    });
  });

  it('starts no missed execution when one is on time under the policy latest', () => {
    const plan = planRuns(hourly, NOON - 3 * HOUR_MS, NOON + 5, 'latest');
    expect([plan.runs, plan.missed?.count]).toEqual([[NOON], 3]);
  });

  it('starts no missed execution and reports their number under the policy skip', () => {
    expect(planRuns(hourly, NOON - 3 * HOUR_MS, NOON + 5 * MISSED_AFTER_MS, 'skip')).toMatchObject({
      runs: [],
      missed: { count: 4, lastDueAt: NOON },
    });
  });

  it('starts each missed execution, oldest first, under the policy all', () => {
    const { runs, missed } = planRuns(hourly, NOON - 3 * HOUR_MS, NOON + 5 * MISSED_AFTER_MS, 'all');
    expect([runs, missed]).toEqual([at(9, 10, 11, 12), null]);
  });

  it('drops the oldest missed executions beyond a hundred', () => {
    const { runs, missed } = planRuns(hourly, NOON - 200 * HOUR_MS, NOON + 5 * MISSED_AFTER_MS, 'all');
    expect(runs).toHaveLength(MAX_CATCH_UP_RUNS);
    expect(runs.at(-1)).toBe(NOON);
    expect(missed).toMatchObject({ count: 101, isCounted: true, firstDueAt: NOON - 200 * HOUR_MS });
  });

  it.each([
    ['every second, a day', '* * * * * *', 24 * HOUR_MS],
    ['every minute, a year', '* * * * *', 365 * 24 * HOUR_MS],
    ['every second of an hour a week, ten weeks', '* * 9 * * 1', 70 * 24 * HOUR_MS],
  ])(
    'finds the newest due times in bounded work when there are too many to count: %s',
    (_title, expression, downtimeMs) => {
      const counted = createNextRun(buildSchedule({ cron: expression }));
      let calls = 0;
      const next = (afterMs: number) => {
        calls += 1;
        return counted(afterMs);
      };
      const first = counted(NOON - downtimeMs) ?? 0;
      const { runs, missed } = planRuns(next, first, NOON + 500, 'latest');
      expect(missed).toMatchObject({ isCounted: false, firstDueAt: first });
      expect(runs.length).toBeGreaterThan(0);
      expect(counted(runs.at(-1) ?? 0)).toBeGreaterThan(NOON + 500);
      expect(calls).toBeLessThan(8_000);
    },
  );

  it('accounts for every due time once, as started or as missed', () => {
    fc.assert(
      fc.property(fc.nat(90), fc.nat(2 * HOUR_MS), fc.constantFrom(...CATCH_UP_POLICIES), (hours, late, policy) => {
        const first = NOON - hours * HOUR_MS;
        const plan = planRuns(hourly, first, NOON + late, policy);
        const lost = plan.missed?.count ?? 0;
        expect(lost + plan.runs.length).toBe(hours + 1 + Math.floor(late / HOUR_MS));
        expect(plan.runs[0] ?? Infinity).toBeGreaterThan(plan.missed?.lastDueAt ?? -Infinity);
        expect(plan.nextDueAt).toBeGreaterThan(NOON + late);
      }),
    );
  });
});
