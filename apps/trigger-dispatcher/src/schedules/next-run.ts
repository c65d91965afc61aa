import { nextMarketTime, offsetReader } from '@tripline/market';
import type { Schedule } from '@tripline/triggers';
import { Cron } from 'croner';

/** Returns the first due time strictly after `afterMs`, epoch ms; null when there is none. */
export type NextRun = (afterMs: number) => number | null;

/** More than any clock is ever set back at once: usually one hour, half an hour on Lord Howe, two hours at Troll. */
const BEFORE_CHANGE_MS = 24 * 3_600_000;

/**
 * Computes the due times of a schedule: `at` follows the sessions of its market, `cron` the local time of its zone. When clocks
 * go forward, a skipped time is due at the first moment after the gap, unless the expression also names that moment. When they
 * go back, a time that occurs twice is due the first time only; but an expression for every hour (`*` in the hour field)
 * follows elapsed time and is due both times.
 *
 * @throws Error for an invalid expression, zone or calendar
 */
export function createNextRun(schedule: Schedule): NextRun {
  const { at, calendar, cron, timeZone } = schedule;
  if (at !== null && calendar !== null) return (afterMs) => nextMarketTime({ at, calendar }, afterMs);
  if (cron === null) throw new Error('the schedule has neither a cron expression nor a market time');
  const job = new Cron(cron, { timezone: timeZone, paused: true });
  const next: NextRun = (afterMs) => job.nextRun(new Date(afterMs))?.getTime() ?? null;
  if (runsEveryHour(cron)) return next;
  const isRepeated = repeatedWallClock(timeZone);
  return (afterMs) => {
    let due = next(afterMs);
    while (due !== null && isRepeated(due)) due = next(due);
    return due;
  };
}

/** Minute, hour, …; an expression with six or seven fields starts with seconds. */
function runsEveryHour(cron: string): boolean {
  const fields = cron.trim().split(/\s+/);
  if (fields.length === 1) return cron.trim().toLowerCase() === '@hourly';
  return (fields[fields.length > 5 ? 2 : 1] ?? '').includes('*');
}

/** Whether the same local time already occurred because the clocks went back, by whatever step. */
function repeatedWallClock(timeZone: string): (epochMs: number) => boolean {
  const offsetAt = offsetReader(timeZone);
  return (epochMs) => {
    const before = offsetAt(epochMs - BEFORE_CHANGE_MS);
    const setBackMs = before - offsetAt(epochMs);
    return setBackMs > 0 && offsetAt(epochMs - setBackMs) === before;
  };
}
