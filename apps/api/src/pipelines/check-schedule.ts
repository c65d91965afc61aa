import type { PipelineInput } from '@tripline/contracts';
import { MARKET_CALENDARS, marketCalendar, parseMarketTime } from '@tripline/market';
import { Cron } from 'croner';

import { denial } from './denial';

type ScheduleInput = NonNullable<PipelineInput['schedule']>;

/** @throws TriplineError `VALIDATION_FAILED` for a schedule that is missing, not allowed, or never occurs */
export function assertSchedule(input: PipelineInput): void {
  const { trigger_mode: mode, schedule, market_hours: hours, overlap_policy: overlap } = input;
  if (mode === 'periodic' && schedule === null) {
    throw denial('schedule', 'a periodic pipeline needs a schedule with cron or at');
  }
  if (mode !== 'periodic' && schedule !== null) {
    throw denial('schedule', 'only a periodic pipeline can have a schedule');
  }
  if (schedule === null) {
    return;
  }
  if (schedule.catch_up === 'all' && !['queue', 'parallel'].includes(overlap)) {
    throw denial(
      'schedule.catch_up',
      `catch_up all starts several executions at once, and overlap_policy ${overlap} keeps only one: use queue or parallel`,
    );
  }
  if (schedule.cron !== null && schedule.at !== null) {
    throw denial('schedule.at', 'send either cron or at, not both');
  }
  if (schedule.cron !== null) {
    assertCron(schedule.cron, schedule);
  } else if (schedule.at !== null) {
    assertMarketTime(schedule.at, schedule, hours);
  } else {
    throw denial(
      'schedule.cron',
      'a schedule needs either cron (e.g. "30 9 * * 1-5") or at (e.g. "open+5m") with a calendar',
    );
  }
}

/** @throws TriplineError `VALIDATION_FAILED` for an unknown market calendar */
export function assertCalendar(path: string, calendar: string): void {
  if (marketCalendar(calendar) === null) {
    throw denial(path, `no such market calendar; use one of ${MARKET_CALENDARS.join(', ')}`);
  }
}

function assertCron(cron: string, { time_zone: timeZone, calendar }: ScheduleInput): void {
  if (/^[+-]/.test(timeZone)) {
    throw denial(
      'schedule.time_zone',
      'a UTC offset has no daylight saving time: use an IANA time zone such as Asia/Kolkata',
    );
  }
  if (!isTimeZone(timeZone)) {
    throw denial('schedule.time_zone', 'unknown time zone: use an IANA name such as America/New_York');
  }
  if (calendar !== null) {
    throw denial(
      'schedule.calendar',
      'calendar works only with at; to restrict cron to trading hours, use market_hours',
    );
  }
  if (!isCronForm(cron)) {
    throw denial(
      'schedule.cron',
      'a cron expression has 5 fields (minute, hour, day, month, weekday), e.g. "30 9 * * 1-5"',
    );
  }
  if (!hasNextRun(cron, timeZone)) {
    throw denial('schedule.cron', 'invalid cron expression, or it never occurs');
  }
}

function assertMarketTime(at: string, { calendar }: ScheduleInput, hours: PipelineInput['market_hours']): void {
  const time = parseMarketTime(at);
  if (time === null) {
    throw denial(
      'schedule.at',
      'a market time is open or close with an offset of up to 12 hours, e.g. open+5m or close-1h',
    );
  }
  if (calendar === null) {
    throw denial('schedule.calendar', `at needs a market calendar: ${MARKET_CALENDARS.join(', ')}`);
  }
  assertCalendar('schedule.calendar', calendar);
  const isOutside = time.anchor === 'open' ? time.offsetMs < 0 : time.offsetMs >= 0;
  if (isOutside && hours?.session === 'regular' && hours.calendar === calendar && calendar !== '24x7') {
    throw denial('schedule.at', `${at} is outside the regular session, and market_hours would skip every trigger`);
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Five to seven fields, or a nickname such as `@daily`. Excludes the single dates that the cron library also accepts. */
function isCronForm(cron: string): boolean {
  const fields = cron.trim().split(/\s+/);
  return fields.length === 1 ? cron.trim().startsWith('@') : fields.length >= 5 && fields.length <= 7;
}

function hasNextRun(cron: string, timezone: string): boolean {
  try {
    return new Cron(cron, { timezone, paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
}
