import { TriplineError, type PipelineInput } from '@tripline/contracts';
import type { ScannerRepository, Viewer } from '@tripline/persistence';
import { Cron } from 'croner';

/**
 * Refuses what is right field by field but wrong together, or names a scanner that is not the caller's.
 *
 * @throws TriplineError `VALIDATION_FAILED`, with the field in its details
 */
export async function assertSoundPipeline(
  input: PipelineInput,
  viewer: Viewer,
  scanners: Pick<ScannerRepository, 'find'>,
): Promise<void> {
  if (input.scanner_id !== null && input.tickers.length > 0) {
    throw refusal('tickers', 'name tickers or a scanner, not both');
  }
  if (input.scanner_id === null && input.tickers.length === 0) {
    throw refusal('tickers', 'name at least one ticker, or a scanner');
  }
  assertSchedule(input);
  if (input.scanner_id !== null && (await scanners.find(viewer, input.scanner_id)) === null) {
    throw refusal('scanner_id', 'there is no such scanner');
  }
}

function assertSchedule({ trigger_mode: mode, schedule }: PipelineInput): void {
  if (mode === 'periodic' && schedule === null) {
    throw refusal('schedule', 'a periodic pipeline needs a schedule');
  }
  if (mode !== 'periodic' && schedule !== null) {
    throw refusal('schedule', 'only a periodic pipeline has a schedule');
  }
  if (schedule === null) {
    return;
  }
  if (!isTimeZone(schedule.time_zone)) {
    throw refusal('schedule.time_zone', 'this is no time zone of the IANA database, e.g. America/New_York');
  }
  if (schedule.cron === null) {
    throw refusal('schedule.cron', 'a schedule needs a cron expression');
  }
  if (!hasNextRun(schedule.cron, schedule.time_zone)) {
    throw refusal('schedule.cron', 'this is no cron expression, or one that never comes true');
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

function hasNextRun(cron: string, timezone: string): boolean {
  try {
    return new Cron(cron, { timezone, paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
}

function refusal(path: string, message: string): TriplineError {
  return new TriplineError('VALIDATION_FAILED', `The body field ${path} is not acceptable: ${message}`, {
    details: { issues: [{ in: 'body', path, message }] },
  });
}
