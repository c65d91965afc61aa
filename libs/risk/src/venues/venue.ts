/** The venue that every user may use; Tripline fills its orders itself. */
export const PAPER_VENUE = 'paper';

/** Source of the regular expression that names the paper venues, valid in JavaScript and in PostgreSQL. */
export const PAPER_VENUE_PATTERN = '^paper(?:-[a-z0-9_-]+)?$';

const PAPER = new RegExp(PAPER_VENUE_PATTERN);

/** True for `paper` and `paper-<name>`: paper venues need no grant, and a halt can stop each of them alone. */
export function isPaperVenue(venue: string): boolean {
  return PAPER.test(venue);
}
