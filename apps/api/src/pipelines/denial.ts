import { TriplineError } from '@tripline/contracts';

/** The error for a body whose fields are valid alone but not together. Names the field in its details. */
export function denial(path: string, message: string): TriplineError {
  return new TriplineError('VALIDATION_FAILED', `Invalid body field ${path}: ${message}`, {
    details: { issues: [{ in: 'body', path, message }] },
  });
}
