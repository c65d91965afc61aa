import { buildSchedule } from '@tripline/testing';

import { createNextRun } from './next-run';

const cron = (expression: string, timeZone = 'America/New_York') => buildSchedule({ cron: expression, timeZone });

function runs(schedule: ReturnType<typeof buildSchedule>, after: string, count: number): string[] {
  const next = createNextRun(schedule);
  const found: string[] = [];
  let at: number | null = Date.parse(after);
  while (found.length < count && (at = next(at)) !== null) found.push(new Date(at).toISOString().slice(0, 16));
  return found;
}

describe('createNextRun', () => {
  it('keeps the local time of its zone across the change to summer time', () => {
    expect(runs(cron('30 9 * * 1-5'), '2026-03-05T20:00:00Z', 2)).toEqual(['2026-03-06T14:30', '2026-03-09T13:30']);
  });

  it('is always later than the given time', () => {
    expect(runs(cron('30 9 * * 1-5'), '2026-01-05T14:30:00Z', 1)).toEqual(['2026-01-06T14:30']);
  });

  it('is null for a schedule that is never due again', () => {
    expect(createNextRun(cron('0 0 31 2 *'))(0)).toBeNull();
  });

  it.each([
    ['0 30 9 * * *', '2026-01-05T14:30'],
    ['@daily', '2026-01-05T05:00'],
  ])('reads %s', (expression, first) => {
    expect(runs(cron(expression), '2026-01-05T00:00:00Z', 1)).toEqual([first]);
  });

  it('is due once per session for a market time, including before early closes but not on holidays', () => {
    const beforeClose = buildSchedule({ cron: null, at: 'close-10m', calendar: 'XNYS' });
    expect(runs(beforeClose, '2026-11-25T00:00:00Z', 3)).toEqual([
      '2026-11-25T20:50',
      '2026-11-27T17:50',
      '2026-11-30T20:50',
    ]);
  });

  it('rejects a schedule with neither a cron expression nor a market time', () => {
    expect(() => createNextRun(buildSchedule({ cron: null }))).toThrow('neither a cron expression nor a market time');
  });
});

describe('a local time that is skipped when clocks go forward', () => {
  it('is due at the first moment after the gap', () => {
    expect(runs(cron('30 2 * * *'), '2026-03-07T12:00:00Z', 2)).toEqual(['2026-03-08T07:00', '2026-03-09T06:30']);
    expect(runs(cron('0 2 * * *', 'Europe/Berlin'), '2026-03-28T12:00:00Z', 1)).toEqual(['2026-03-29T01:00']);
  });

  it('is dropped when the same expression also names the time right after the gap', () => {
    expect(runs(cron('30 2,3 * * *'), '2026-03-08T05:00:00Z', 2)).toEqual(['2026-03-08T07:30', '2026-03-09T06:30']);
  });

  it('is the only time dropped from an expression for every hour', () => {
    expect(runs(cron('*/30 * * * *'), '2026-03-08T06:00:00Z', 3)).toEqual([
      '2026-03-08T06:30',
      '2026-03-08T07:00',
      '2026-03-08T07:30',
    ]);
  });
});

describe('a local time that occurs twice when clocks go back', () => {
  it('is due only the first time', () => {
    expect(runs(cron('30 1 * * *'), '2026-10-31T12:00:00Z', 2)).toEqual(['2026-11-01T05:30', '2026-11-02T06:30']);
    expect(runs(cron('30 1,2 * * *'), '2026-10-31T12:00:00Z', 3)).toEqual([
      '2026-11-01T05:30',
      '2026-11-01T07:30',
      '2026-11-02T06:30',
    ]);
    expect(runs(cron('*/30 1 * * *'), '2026-11-01T05:00:00Z', 2)).toEqual(['2026-11-01T05:30', '2026-11-02T06:00']);
    expect(runs(cron('45 1 * * *', 'Australia/Lord_Howe'), '2026-04-03T16:00:00Z', 2)).toEqual([
      '2026-04-04T14:45',
      '2026-04-05T15:15',
    ]);
  });

  it('is due only the first time where clocks go back by two hours', () => {
    const troll = cron('0,30 1,2 * * *', 'Antarctica/Troll');
    expect(runs(troll, '2026-10-24T12:00:00Z', 5)).toEqual([
      '2026-10-24T23:00',
      '2026-10-24T23:30',
      '2026-10-25T00:00',
      '2026-10-25T00:30',
      '2026-10-26T01:00',
    ]);
  });

  it('is due both times for an expression for every hour', () => {
    expect(runs(cron('0 * * * *'), '2026-11-01T04:31:00Z', 3)).toEqual([
      '2026-11-01T05:00',
      '2026-11-01T06:00',
      '2026-11-01T07:00',
    ]);
  });
});
