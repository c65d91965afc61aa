import type { PipelineInput } from '@tripline/contracts';
import type { Viewer } from '@tripline/paging';
import type { ScannerRepository } from '@tripline/pipeline-store';

import { assertCalendar, assertSchedule } from './check-schedule';
import { assertOverlap, assertSignals } from './check-triggers';
import { denial } from './denial';

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
    throw denial('tickers', 'name tickers or a scanner, not both');
  }
  if (input.scanner_id === null && input.tickers.length === 0) {
    throw denial('tickers', 'name at least one ticker, or a scanner');
  }
  if (input.market_hours !== null) {
    assertCalendar('market_hours.calendar', input.market_hours.calendar);
  }
  assertSchedule(input);
  assertOverlap(input);
  assertSignals(input);
  if (input.scanner_id !== null && (await scanners.find(viewer, input.scanner_id)) === null) {
    throw denial('scanner_id', 'there is no such scanner');
  }
}
