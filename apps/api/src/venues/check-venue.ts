import { TriplineError } from '@tripline/contracts';
import type { Pipeline } from '@tripline/triggers';
import type { VenueRepository } from '@tripline/trading-store';

/**
 * Denies a pipeline whose owner may not trade at its venue. Unknown and ungranted venues get the same answer, to keep other
 * users' venue names private. The claim and the order are checked again.
 *
 * @throws TriplineError `VENUE_NOT_PERMITTED`
 */
export async function assertVenuePermitted(
  { venue, userId }: Pick<Pipeline, 'venue' | 'userId'>,
  venues: Pick<VenueRepository, 'isPermitted'>,
): Promise<void> {
  if (await venues.isPermitted(venue, userId)) return;
  throw new TriplineError('VENUE_NOT_PERMITTED', `The pipeline's owner may not trade at the venue ${venue}.`, {
    details: { issues: [{ in: 'body', path: 'venue', message: 'unknown, disabled or not granted' }] },
  });
}
