import { TriplineError } from '@tripline/contracts';
import type { z } from 'zod';

/**
 * Parses a value that only the handler can assemble, with the same error as a route's schema.
 *
 * @throws TriplineError `VALIDATION_FAILED`
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    return parsed.data;
  }
  const issues = parsed.error.issues
    .slice(0, 20)
    .map((issue) => ({ in: 'body', path: issue.path.join('.'), message: issue.message }));
  throw new TriplineError('VALIDATION_FAILED', `Invalid body field ${issues[0]?.path}: ${issues[0]?.message}`, {
    details: { issues },
  });
}
