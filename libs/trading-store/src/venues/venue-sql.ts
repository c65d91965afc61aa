import { PAPER_VENUE_PATTERN } from '@tripline/risk';

/**
 * SQL: null when the user may trade at the venue, else the reason. Paper venues are open to every user; another venue
 * must be enabled and granted. `venue` and `userId` are SQL expressions. LIMIT 1 forces a look-up by key.
 */
export const venueDenial = (
  venue: string,
  userId: string,
): string => `CASE WHEN ${venue} ~ '${PAPER_VENUE_PATTERN}' THEN NULL
    WHEN (SELECT true FROM venues n JOIN venue_grants vg ON vg.venue = n.name
      WHERE n.name = ${venue} AND n.is_enabled AND vg.user_id = ${userId} LIMIT 1) THEN NULL
    ELSE 'venue_not_permitted' END`;
