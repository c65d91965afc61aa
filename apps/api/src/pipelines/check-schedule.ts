import type { PipelineInput } from '@tripline/contracts';
import { MARKET_CALENDARS, marketCalendar, parseMarketTime } from '@tripline/market';
import { Cron } from 'croner';

import { denial } from './denial';

type ScheduleInput = NonNullable<PipelineInput['schedule']>;

/** @throws TriplineError `VALIDATION_FAILED` for a schedule that is missing, out of place, or never comes true */
export function assertSchedule(input: PipelineInput): void {
  const { trigger_mode: mode, schedule, market_hours: hours, overlap_policy: overlap } = input;
  if (mode === 'periodic' && schedule === null) {
    throw denial('schedule', 'a periodic pipeline needs a schedule, with cron or at');
  }
  if (mode !== 'periodic' && schedule !== null) {
    throw denial('schedule', 'only a periodic pipeline has a schedule');
  }
  if (schedule === null) {
    return;
  }
  if (schedule.catch_up === 'all' && !['queue', 'parallel'].includes(overlap)) {
    throw denial(
      'schedule.catch_up',
      `all starts several missed runs at once, of which overlap_policy ${overlap} leaves one: use queue or parallel`,
    );
  }
  if (schedule.cron !== null && schedule.at !== null) {
    throw denial('schedule.at', 'give cron or at, not both');
  }
  if (schedule.cron !== null) {
    assertCron(schedule.cron, schedule);
  } else if (schedule.at !== null) {
    assertMarketTime(schedule.at, schedule, hours);
  } else {
    throw denial('schedule.cron', 'a schedule needs cron, e.g. "30 9 * * 1-5", or at, e.g. "open+5m" with a calendar');
  }
}

/** @throws TriplineError `VALIDATION_FAILED` when there is no such market calendar */
export function assertCalendar(path: string, calendar: string): void {
  if (marketCalendar(calendar) === null) {
    throw denial(path, `there is no such market calendar; there are ${MARKET_CALENDARS.join(', ')}`);
  }
}

function assertCron(cron: string, { time_zone: timeZone, calendar }: ScheduleInput): void {
  if (/^[+-]/.test(timeZone)) {
    throw denial(
      'schedule.time_zone',
      'an offset from UTC is not a time zone, because it has no daylight saving time: use an IANA name such as Asia/Kolkata',
    );
  }
  if (!isTimeZone(timeZone)) {
    throw denial('schedule.time_zone', 'this is no time zone of the IANA database, e.g. America/New_York');
  }
  if (calendar !== null) {
    throw denial('schedule.calendar', 'a calendar goes with at; to keep cron runs to trading hours use market_hours');
  }
  if (!isCronForm(cron)) {
    throw denial(
      'schedule.cron',
      'a cron expression has 5 fields (minute, hour, day, month, weekday), e.g. "30 9 * * 1-5"; one date is not a schedule',
    );
  }
  if (!hasNextRun(cron, timeZone)) {
    throw denial('schedule.cron', 'this is no cron expression, or one that never comes true');
  }
}

function assertMarketTime(at: string, { calendar }: ScheduleInput, hours: PipelineInput['market_hours']): void {
  const time = parseMarketTime(at);
  if (time === null) {
    throw denial(
      'schedule.at',
      'a market time is open or close, with up to 12 hours before or after: open+5m, close-1h',
    );
  }
  if (calendar === null) {
    throw denial('schedule.calendar', `at needs the calendar of a market: ${MARKET_CALENDARS.join(', ')}`);
  }
  assertCalendar('schedule.calendar', calendar);
  const isOutside = time.anchor === 'open' ? time.offsetMs < 0 : time.offsetMs >= 0;
  if (isOutside && hours?.session === 'regular' && hours.calendar === calendar && calendar !== '24x7') {
    throw denial('schedule.at', `${at} lies outside the regular session, and market_hours would skip every run`);
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

/** Five to seven fields, or a nickname such as `@daily`; the cron library also takes a single date. */
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
