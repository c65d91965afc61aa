import { TriplineError } from '@tripline/contracts';

/** A body that is right field by field but wrong together, with the field in its details. */
export function denial(path: string, message: string): TriplineError {
  return new TriplineError('VALIDATION_FAILED', `The body field ${path} is not acceptable: ${message}`, {
    details: { issues: [{ in: 'body', path, message }] },
  });
}
