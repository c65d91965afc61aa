import { nextMarketTime, offsetReader } from '@tripline/market';
import type { Schedule } from '@tripline/triggers';
import { Cron } from 'croner';

/** The next due time strictly after `afterMs`, epoch ms; null when it never is again. */
export type NextRun = (afterMs: number) => number | null;

/** Further back than any clock is set at once: most go back by an hour, Lord Howe by half of one, Troll by two. */
const BEFORE_CHANGE_MS = 24 * 3_600_000;

/**
 * Due times of a schedule: `at` by the sessions of its market, `cron` by the wall clock of its zone. When clocks go forward, a
 * time that does not exist comes at the first moment after the gap, unless the expression names a time that does exist in its
 * place. When they go back, a time that exists twice comes the first time only; but an expression for every hour (`*` in the
 * hour field) follows real time and comes both times.
 *
 * @throws Error for an expression, zone or calendar that is none
 */
export function createNextRun(schedule: Schedule): NextRun {
  const { at, calendar, cron, timeZone } = schedule;
  if (at !== null && calendar !== null) return (afterMs) => nextMarketTime({ at, calendar }, afterMs);
  if (cron === null) throw new Error('the schedule has neither cron nor a market time');
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

/** Minute, hour, …; with six or seven fields seconds come first. */
function runsEveryHour(cron: string): boolean {
  const fields = cron.trim().split(/\s+/);
  if (fields.length === 1) return cron.trim().toLowerCase() === '@hourly';
  return (fields[fields.length > 5 ? 2 : 1] ?? '').includes('*');
}

/** Whether the wall clock of the zone has shown the same time before, because the clocks went back; by whatever step. */
function repeatedWallClock(timeZone: string): (epochMs: number) => boolean {
  const offsetAt = offsetReader(timeZone);
  return (epochMs) => {
    const before = offsetAt(epochMs - BEFORE_CHANGE_MS);
    const setBackMs = before - offsetAt(epochMs);
    return setBackMs > 0 && offsetAt(epochMs - setBackMs) === before;
  };
}
