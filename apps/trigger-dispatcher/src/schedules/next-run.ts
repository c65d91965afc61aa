import type { Schedule } from '@tripline/domain';
import { Cron } from 'croner';

/** Next time a cron expression is due after `afterMs`, epoch ms, in its own time zone; null when it never is again. */
export function nextRunMs(schedule: Schedule, afterMs: number): number | null {
  if (schedule.cron === null) return null;
  const cron = new Cron(schedule.cron, { timezone: schedule.timeZone, paused: true });
  return cron.nextRun(new Date(afterMs))?.getTime() ?? null;
}
