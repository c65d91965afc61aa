import type { PipelineInput } from '@tripline/contracts';
import type { Viewer } from '@tripline/paging';
import type { ScannerRepository } from '@tripline/pipeline-store';

import { assertCalendar, assertSchedule } from './check-schedule';
import { assertOverlap, assertSignals } from './check-triggers';
import { denial } from './denial';

/**
 * Denies pipelines whose fields are valid alone but not together, and scanners that are not the caller's.
 *
 * @throws TriplineError `VALIDATION_FAILED`, with the field in its details
 */
export async function assertSoundPipeline(
  input: PipelineInput,
  viewer: Viewer,
  scanners: Pick<ScannerRepository, 'find'>,
): Promise<void> {
  if (input.scanner_id !== null && input.tickers.length > 0) {
    throw denial('tickers', 'send either tickers or scanner_id, not both');
  }
  if (input.scanner_id === null && input.tickers.length === 0) {
    throw denial('tickers', 'send at least one ticker or a scanner_id');
  }
  if (input.market_hours !== null) {
    assertCalendar('market_hours.calendar', input.market_hours.calendar);
  }
  assertSchedule(input);
  assertOverlap(input);
  assertSignals(input);
  if (input.scanner_id !== null && (await scanners.find(viewer, input.scanner_id)) === null) {
    throw denial('scanner_id', 'no such scanner');
  }
}
