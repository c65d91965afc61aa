import { buildSchedule } from '@tripline/testing';

import { nextRunMs } from './next-run';

const newYork = buildSchedule({ cron: '30 9 * * 1-5', timeZone: 'America/New_York' });

describe('nextRunMs', () => {
  it('keeps the wall-clock time of its zone across the change to summer time', () => {
    expect(new Date(nextRunMs(newYork, Date.parse('2026-03-06T20:00:00Z')) ?? 0).toISOString()).toBe(
      '2026-03-09T13:30:00.000Z',
    );
    expect(new Date(nextRunMs(newYork, Date.parse('2026-03-05T20:00:00Z')) ?? 0).toISOString()).toBe(
      '2026-03-06T14:30:00.000Z',
    );
  });

  it('is always later than the time it starts from', () => {
    const due = Date.parse('2026-01-05T14:30:00Z');
    expect(nextRunMs(newYork, due)).toBeGreaterThan(due);
  });

  it('is null for a schedule that never comes again', () => {
    expect(nextRunMs(buildSchedule({ cron: '0 0 31 2 *', timeZone: 'UTC' }), 0)).toBeNull();
  });
});
