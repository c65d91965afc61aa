import { ERROR_CODES, type ErrorCode } from '@tripline/contracts';
import { z } from 'zod';

const errorCodes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];

/** The envelope of every error response. */
export const errorEnvelopeSchema = z
  .object({
    error: z.object({
      code: z.enum(errorCodes).describe('Stable code for programs to rely on.'),
      message: z.string().describe('What went wrong.'),
      help: z.string().describe('What to do about it.'),
      details: z
        .record(z.string(), z.unknown())
        .optional()
        .describe('Facts about this error; the fields depend on the code.'),
      request_id: z.string().describe('Include it when you report the error.'),
    }),
  })
  .meta({ id: 'ErrorEnvelope' });
export type ErrorEnvelope = z.output<typeof errorEnvelopeSchema>;

type ErrorResponses<Codes extends ErrorCode> = Record<
  (typeof ERROR_CODES)[Codes]['status'],
  typeof errorEnvelopeSchema
>;

/**
 * The error part of a route's `response` schema: one entry per HTTP status of the given codes, plus the three that every
 * route can return (rate limit, internal, unavailable).
 */
export function errorResponses<const Codes extends ErrorCode>(
  ...codes: Codes[]
): ErrorResponses<Codes | 'RATE_LIMITED' | 'INTERNAL' | 'UNAVAILABLE'> {
  const all: ErrorCode[] = [...codes, 'RATE_LIMITED', 'INTERNAL', 'UNAVAILABLE'];
  return Object.fromEntries(all.map((code) => [ERROR_CODES[code].status, errorEnvelopeSchema])) as ErrorResponses<
    Codes | 'RATE_LIMITED' | 'INTERNAL' | 'UNAVAILABLE'
  >;
}
