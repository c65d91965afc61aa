import { z } from 'zod';

/** `Idempotency-Key`: the same key means the same request, however often it is sent. */
export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, 'an idempotency key has 1 to 128 printable ASCII characters')
    .optional(),
});
