import { TriplineError } from '@tripline/contracts';
import type { z } from 'zod';

/**
 * Parses what only a handler can put together, with the same refusal as the schema of a route.
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
  throw new TriplineError(
    'VALIDATION_FAILED',
    `The body field ${issues[0]?.path} is not acceptable: ${issues[0]?.message}`,
    { details: { issues } },
  );
}
