import { TriplineError } from '@tripline/contracts';

/** Deeper JSON is an attack on recursive code. */
const MAX_DEPTH = 32;

/**
 * Rejects JSON that parses but that PostgreSQL or recursive code cannot handle: nesting beyond 32 levels, NUL characters and
 * lone surrogates.
 *
 * @throws TriplineError `MALFORMED_REQUEST`
 */
export function assertStorableJson(value: unknown, depth = 0): void {
  if (typeof value === 'string') {
    assertStorableText(value);
    return;
  }
  if (typeof value !== 'object' || value === null) {
    return;
  }
  if (depth >= MAX_DEPTH) {
    throw new TriplineError('MALFORMED_REQUEST', `The request body is nested deeper than ${MAX_DEPTH} levels.`);
  }
  for (const [key, item] of Object.entries(value)) {
    assertStorableText(key);
    assertStorableJson(item, depth + 1);
  }
}

function assertStorableText(text: string): void {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new TriplineError('MALFORMED_REQUEST', 'The request body contains a NUL character or a lone surrogate.');
  }
}
