import { venueNameSchema } from '@tripline/contracts';
import { isPaperVenue, PAPER_VENUE } from '@tripline/risk';
import type { VenueRecord } from '@tripline/trading-store';
import { z } from 'zod';

const NOT_PAPER = 'paper venues are open to every user and need no row';

export const venueParams = z.strictObject({ name: venueNameSchema });
export const venueGrantParams = z.strictObject({ name: venueNameSchema, id: z.uuid() });

export const venueCreateBody = z
  .strictObject({
    name: venueNameSchema.refine((name) => !isPaperVenue(name) && name !== `${PAPER_VENUE}-`, NOT_PAPER),
  })
  .meta({ id: 'VenueCreate' });

export const venueChangeBody = z
  .strictObject({ is_enabled: z.boolean().describe('a disabled venue takes no orders') })
  .meta({ id: 'VenueChange' });

export const venueSchema = z
  .object({
    name: z.string(),
    is_enabled: z.boolean(),
    user_ids: z.array(z.uuid()).optional().describe('users who may trade there; for administrators'),
  })
  .meta({ id: 'Venue' });

/** The wire form of a venue with its grants, for administrators. */
export function venueResource({ name, isEnabled, userIds }: VenueRecord): z.output<typeof venueSchema> {
  return { name, is_enabled: isEnabled, user_ids: [...userIds] };
}
