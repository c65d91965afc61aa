import { tickerSchema } from '@tripline/contracts';
import { SIGNAL_DIRECTIONS } from '@tripline/market';
import { z } from 'zod';

import { decisionSchema } from '../decisions/decision-schemas';
import { instantSchema } from '../http/schemas';

export const webhookSchema = z
  .object({ url: z.string().describe('path to post to'), created_at: instantSchema })
  .meta({ id: 'Webhook' });

export const newWebhookSchema = z
  .object({
    ...webhookSchema.shape,
    secret: z.string().describe('shown this once: send it as a bearer token, or sign with it'),
  })
  .meta({ id: 'NewWebhook' });

const eventId = /^[\x21-\x7e]{1,128}$/;

export const hookBody = z
  .strictObject({
    ticker: tickerSchema.optional().describe("one of the pipeline's; default: its first"),
    direction: z.enum(SIGNAL_DIRECTIONS).optional(),
    confidence: z.number().min(0).max(100).optional(),
    quality: z.number().min(0).max(1).optional().describe('data quality, for pipelines with min_quality'),
    occurred_at: z.iso
      .datetime({ offset: true })
      .transform((text) => Date.parse(text))
      .optional()
      .describe('event time; default: now'),
    event_id: z
      .string()
      .regex(eventId, 'an event id has 1 to 128 printable ASCII characters without spaces')
      .optional()
      .describe('the same event twice is one decision'),
  })
  .meta({ id: 'HookCall' });
export type HookCall = z.output<typeof hookBody>;

/** Formats are checked by the authentication, which answers every fault alike. */
export const hookHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(eventId, 'an idempotency key has 1 to 128 printable ASCII characters')
    .optional()
    .describe('as event_id; not for signed calls'),
  'x-tripline-timestamp': z.string().optional().describe('signed calls: epoch seconds, at most five minutes off'),
  'x-tripline-signature': z
    .string()
    .optional()
    .describe('signed calls: `v1=` and the hex HMAC-SHA256, by the secret, of the timestamp, a dot and the body'),
});

export const hookAnswer = decisionSchema
  .extend({ duplicate: z.boolean().describe('true: this event was decided before, and this is that decision') })
  .meta({ id: 'HookAnswer' });
