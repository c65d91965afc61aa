import { z } from 'zod';

/** `Idempotency-Key`: requests with the same key count as one request. */
export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, 'an idempotency key has 1 to 128 printable ASCII characters')
    .optional(),
});
