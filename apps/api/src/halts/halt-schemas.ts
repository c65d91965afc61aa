import { tickerSchema } from '@tripline/contracts';
import { HALT_LEVELS, HALT_MODES } from '@tripline/risk';
import type { EngagedHalt, HaltRecord } from '@tripline/trading-store';
import { z } from 'zod';

import { instantSchema, pageQuerySchema, pageSchema } from '../http/schemas';

const MAX_REASON_LENGTH = 500;
const reasonSchema = z.string().trim().min(1).max(MAX_REASON_LENGTH).describe('free text, kept for the audit');

const SUBJECT_OF_LEVEL = {
  global: z.undefined('a global halt has no subject'),
  user: z.uuid('the subject of level user is a user id').optional(),
  pipeline: z.uuid('the subject of level pipeline is a pipeline id'),
  ticker: tickerSchema,
  venue: z
    .string('the subject of level venue is a venue name')
    .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'a venue is lower case'),
} as const;

export const haltBody = z
  .strictObject({
    level: z.enum(HALT_LEVELS),
    subject: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('user id (default: yourself), pipeline id, ticker or venue; omit it for level global'),
    mode: z.enum(HALT_MODES).default('pause'),
    reason: reasonSchema,
  })
  .superRefine(({ level, subject }, context) => {
    const checked = SUBJECT_OF_LEVEL[level].safeParse(subject);
    const message = checked.error?.issues[0]?.message;
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['subject'], message });
  })
  .meta({
    id: 'HaltRequest',
    description:
      '`reduce_only` allows only orders that reduce a position. `pause` blocks new executions and all orders. `cancel` also cancels ' +
      'running and waiting executions and resting orders. `flatten` also closes open positions.',
  });

export const liftBody = z.strictObject({ reason: reasonSchema }).meta({ id: 'HaltLift' });

export const haltSchema = z
  .object({
    id: z.uuid(),
    level: z.enum(HALT_LEVELS),
    subject: z.string().nullable(),
    mode: z.enum(HALT_MODES),
    reason: z.string(),
    engaged_by: z.uuid(),
    engaged_at: instantSchema,
    lifted_by: z.uuid().nullable(),
    lifted_at: instantSchema.nullable(),
    lift_reason: z.string().nullable(),
  })
  .meta({ id: 'Halt' });

export const engagedHaltSchema = haltSchema
  .extend({
    cancelled_executions: z.int(),
    cancelled_orders: z.int(),
    closing_orders: z.int().describe('market orders that close open positions; they fill on the next bar'),
  })
  .meta({ id: 'EngagedHalt' });

export const haltPage = pageSchema(haltSchema).meta({ id: 'HaltPage' });

export const haltListQuery = pageQuerySchema.extend({
  is_active: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
});

/** The wire form of a halt. */
export function haltResource(halt: HaltRecord): z.output<typeof haltSchema> {
  return {
    id: halt.id,
    level: halt.level,
    subject: halt.subject === '' ? null : halt.subject,
    mode: halt.mode,
    reason: halt.reason,
    engaged_by: halt.engagedBy,
    engaged_at: new Date(halt.engagedAt).toISOString(),
    lifted_by: halt.liftedBy,
    lifted_at: halt.liftedAt === null ? null : new Date(halt.liftedAt).toISOString(),
    lift_reason: halt.liftReason,
  };
}

/** The wire form of a halt just engaged, with counts of what it cancelled. */
export function engagedHaltResource(engaged: EngagedHalt): z.output<typeof engagedHaltSchema> {
  return {
    ...haltResource(engaged.halt),
    cancelled_executions: engaged.cancelledExecutions,
    cancelled_orders: engaged.cancelledOrders,
    closing_orders: engaged.closingOrders,
  };
}
