import { TriplineError } from '@tripline/contracts';

/**
 * Returns the value, or throws `NOT_FOUND` for null. A missing item and another user's item must get the same answer.
 *
 * @throws TriplineError `NOT_FOUND`
 */
export function found<T>(thing: T | null | undefined, what: string): T {
  if (thing === null || thing === undefined) {
    throw new TriplineError('NOT_FOUND', `No such ${what}.`);
  }
  return thing;
}
