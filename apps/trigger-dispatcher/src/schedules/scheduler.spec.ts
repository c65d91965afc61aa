import type { DueSchedule } from '@tripline/persistence';
import { buildPipeline, buildSchedule } from '@tripline/testing';

import { createScheduler } from './scheduler';

const NOON = Date.UTC(2026, 0, 5, 12);
const INTERVAL_MS = 1_000;

function due(id: string, cron: string, dueAt: number | null = NOON): DueSchedule {
  return { pipeline: buildPipeline({ id, triggerMode: 'periodic', schedule: buildSchedule({ cron }) }), dueAt };
}

async function runOnce(schedules: readonly DueSchedule[], dispatch: () => Promise<void> = () => Promise.resolve()) {
  const dispatched: { pipelineId: string; triggerId: string }[] = [];
  const advanced = new Map<string, number>();
  const failures: unknown[] = [];
  const scheduler = createScheduler({
    store: {
      loadDue: () => Promise.resolve(schedules),
      advance: (id, _from, to) => Promise.resolve(advanced.set(id, to) !== undefined),
    },
    dispatch: (triggers) => {
      dispatched.push(...triggers);
      return dispatch();
    },
    now: () => NOON + 500,
    intervalMs: INTERVAL_MS,
    onFailed: (error) => failures.push(error),
  });
  await scheduler.start();
  await jest.advanceTimersByTimeAsync(INTERVAL_MS);
  await scheduler.stop();
  return { dispatched, advanced, failures };
}

describe('createScheduler', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('starts what is due, plans what never was, and names a run by pipeline and due time', async () => {
    const schedules = [due('p1', '* * * * *'), due('p2', '0 * * * *', null)];
    const [first, second] = [await runOnce(schedules), await runOnce(schedules)];
    expect(first.dispatched.map(({ pipelineId }) => pipelineId)).toEqual(['p1']);
    expect(second.dispatched).toEqual(first.dispatched);
    expect(first.advanced).toEqual(
      new Map([
        ['p1', NOON + 60_000],
        ['p2', NOON + 3_600_000],
      ]),
    );
  });

  it('moves nothing on when the decision is not stored', async () => {
    const { advanced, failures } = await runOnce([due('p1', '* * * * *')], () => Promise.reject(new Error('away')));
    expect([advanced.size, failures.length]).toEqual([0, 1]);
  });

  it('puts a schedule that is over or broken out of the way of the others', async () => {
    const { advanced, failures } = await runOnce([
      due('broken', 'every now and then'),
      due('over', '0 0 0 1 1 * 2020'),
      due('good', '* * * * *'),
    ]);
    expect(failures).toHaveLength(1);
    expect(advanced.get('good')).toBe(NOON + 60_000);
    expect([advanced.get('broken'), advanced.get('over')]).toEqual([Date.UTC(9999, 11, 31), Date.UTC(9999, 11, 31)]);
  });
});
