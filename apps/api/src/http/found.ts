import { TriplineError } from '@tripline/contracts';

/**
 * The thing, or `NOT_FOUND` when it is not there or not the caller's: the two must look the same from outside.
 *
 * @throws TriplineError `NOT_FOUND`
 */
export function found<T>(thing: T | null | undefined, what: string): T {
  if (thing === null || thing === undefined) {
    throw new TriplineError('NOT_FOUND', `There is no such ${what}.`);
  }
  return thing;
}
