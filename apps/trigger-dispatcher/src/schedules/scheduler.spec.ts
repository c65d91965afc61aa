import type { DirectTrigger } from '@tripline/decision-store';
import type { DueSchedule } from '@tripline/pipeline-store';
import { buildPipeline, buildSchedule } from '@tripline/testing';

import { setImmediate } from 'node:timers/promises';

import { createScheduler } from './scheduler';

const NOON = Date.UTC(2026, 0, 5, 12);
const HOUR_MS = 3_600_000;
const INTERVAL_MS = 1_000;
/** Event-loop turns a round may take. */
const MAX_TURNS = 10_000;

function due(id: string, cron: string, dueAt: number | null = NOON): DueSchedule {
  return { pipeline: buildPipeline({ id, triggerMode: 'periodic', schedule: buildSchedule({ cron }) }), dueAt };
}

async function runOnce(schedules: readonly DueSchedule[], dispatch: () => Promise<void> = () => Promise.resolve()) {
  const dispatched: DirectTrigger[] = [];
  const batches: number[] = [];
  const advanced = new Map<string, number>();
  const failures: unknown[] = [];
  const scheduler = createScheduler({
    store: {
      loadDue: (limit) => {
        const left = schedules.filter(({ pipeline }) => !advanced.has(pipeline.id));
        return Promise.resolve({ nowMs: NOON + 500, schedules: left.slice(0, limit) });
      },
      advance: (moves) => {
        for (const { seen, to } of moves) advanced.set(seen.pipeline.id, to);
        return Promise.resolve(moves.length);
      },
    },
    dispatch: (triggers) => {
      dispatched.push(...triggers);
      batches.push(triggers.length);
      return dispatch();
    },
    intervalMs: INTERVAL_MS,
    onFailed: (error) => failures.push(error),
  });
  await scheduler.start();
  await jest.advanceTimersByTimeAsync(INTERVAL_MS);
  for (let turn = 0; turn < MAX_TURNS && advanced.size < schedules.length && failures.length === 0; turn += 1) {
    await setImmediate();
  }
  await scheduler.stop();
  return { dispatched, batches, advanced, failures };
}

describe('createScheduler', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('starts pipelines due by the database clock, plans new schedules, and derives trigger ids from due times', async () => {
    const schedules = [due('p1', '* * * * *'), due('p2', '0 * * * *', null)];
    const [first, second] = [await runOnce(schedules), await runOnce(schedules)];
    expect(first.dispatched.map(({ pipelineId }) => pipelineId)).toEqual(['p1']);
    expect(second.dispatched).toEqual(first.dispatched);
    expect(first.advanced).toEqual(
      new Map([
        ['p1', NOON + 60_000],
        ['p2', NOON + HOUR_MS],
      ]),
    );
  });

  it('records missed executions with one trigger that starts nothing, before the triggers that start', async () => {
    const { dispatched } = await runOnce([due('p1', '0 * * * *', NOON - 2 * HOUR_MS)]);
    expect(dispatched).toMatchObject([
      {
        occurredAt: NOON - HOUR_MS,
        missed: { missed_runs: 2, first_due_at: NOON - 2 * HOUR_MS, last_due_at: NOON - HOUR_MS, catch_up: 'latest' },
      },
      { occurredAt: NOON },
    ]);
    expect(dispatched[1]?.missed).toBeUndefined();
  });

  it('continues until nothing is due, e.g. when a market opens', async () => {
    const all = Array.from({ length: 450 }, (_, index) => due(`p${index}`, '* * * * *'));
    const { batches, advanced } = await runOnce(all);
    expect([batches, advanced.size]).toEqual([[200, 200, 50], 450]);
  });

  it('decides no more than 500 triggers at once', async () => {
    const all = Array.from({ length: 6 }, (_, index) => {
      const { pipeline } = due(`p${index}`, '* * * * *');
      const schedule = buildSchedule({ catchUp: 'all' });
      return { pipeline: { ...pipeline, schedule }, dueAt: NOON - 100 * 60_000 };
    });
    expect((await runOnce(all)).batches).toEqual([500, 106]);
  });

  it('advances no schedule when the decision is not stored', async () => {
    const { advanced, failures } = await runOnce([due('p1', '* * * * *')], () => Promise.reject(new Error('away')));
    expect([advanced.size, failures.length]).toEqual([0, 1]);
  });

  it('postpones finished and invalid schedules forever, so they do not block others', async () => {
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
