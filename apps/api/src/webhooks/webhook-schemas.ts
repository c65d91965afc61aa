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
    secret: z.string().describe('shown only once; send it as a bearer token or sign calls with it'),
  })
  .meta({ id: 'NewWebhook' });

const eventId = /^[\x21-\x7e]{1,128}$/;

export const hookBody = z
  .strictObject({
    ticker: tickerSchema.optional().describe('a ticker the pipeline watches; default: its first'),
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
      .describe('calls with the same event_id are decided once'),
  })
  .meta({ id: 'HookCall' });
export type HookCall = z.output<typeof hookBody>;

/** No formats here: the authentication checks them and gives the same answer for every fault. */
export const hookHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(eventId, 'an idempotency key has 1 to 128 printable ASCII characters')
    .optional()
    .describe('same meaning as event_id; not allowed for signed calls'),
  'x-tripline-timestamp': z
    .string()
    .optional()
    .describe('signed calls: epoch seconds, within five minutes of the server clock'),
  'x-tripline-signature': z
    .string()
    .optional()
    .describe('signed calls: `v1=`, then the hex HMAC-SHA256 of `<timestamp>.<body>` with the secret as its key'),
});

export const hookAnswer = decisionSchema
  .extend({ duplicate: z.boolean().describe('true: the event was decided earlier, and this is that decision') })
  .meta({ id: 'HookAnswer' });
