import { agentSettingsSchema, pipelineInputSchema, tickerSchema } from '@tripline/contracts';
import { OVERLAP_POLICIES, PIPELINE_MODES, SIGNAL_DIRECTIONS, TRIGGER_MODES } from '@tripline/domain';
import { z } from 'zod';

import { decimalSchema, idParamsSchema, instantSchema, pageQuerySchema, pageSchema } from '../http/schemas';

export const pipelineBody = pipelineInputSchema.meta({ id: 'PipelineDefinition' });

const anything = z.unknown().optional();

/** A JSON merge patch (RFC 7396): the names are checked here, the values after merging, by the schema of the whole. */
export const pipelinePatchBody = z
  .strictObject({
    name: anything,
    trigger_mode: anything,
    is_active: anything,
    scanner_id: anything,
    tickers: anything,
    signal_subscriptions: anything,
    overlap_policy: anything,
    cooldown_seconds: anything,
    max_signal_age_seconds: anything,
    schedule: anything,
    agents: anything,
    mode: anything,
  } satisfies Record<keyof z.output<typeof pipelineInputSchema>, unknown>)
  .refine((patch) => Object.keys(patch).length > 0, 'name at least one field')
  .meta({ id: 'PipelinePatch', description: 'JSON merge patch (RFC 7396) of a PipelineDefinition.' });

const subscriptionOutput = z.object({
  signal_type: z.string(),
  min_confidence: z.number(),
  direction: z.enum(SIGNAL_DIRECTIONS).optional(),
});

/** What a pipeline does, at one version. */
const definitionFields = {
  name: z.string(),
  trigger_mode: z.enum(TRIGGER_MODES),
  is_active: z.boolean(),
  scanner_id: z.uuid().nullable(),
  tickers: z.array(tickerSchema).describe('the tickers of the scanner, where it names one'),
  signal_subscriptions: z.array(subscriptionOutput),
  overlap_policy: z.enum(OVERLAP_POLICIES),
  cooldown_seconds: z.number(),
  max_signal_age_seconds: z.number(),
  schedule: z.object({ cron: z.string(), time_zone: z.string() }).nullable(),
  agents: agentSettingsSchema,
  mode: z.enum(PIPELINE_MODES),
};

export const pipelineSchema = z
  .object({
    id: z.uuid(),
    version: z.int(),
    ...definitionFields,
    created_at: instantSchema,
    updated_at: instantSchema,
    next_run_at: instantSchema.nullable().describe('periodic pipelines only'),
    last_triggered_at: instantSchema.nullable().describe('event time of the last trigger'),
  })
  .meta({ id: 'Pipeline' });

export const pipelinePage = pageSchema(pipelineSchema).meta({ id: 'PipelinePage' });

export const pipelineVersionSchema = z
  .object({ version: z.int(), ...definitionFields, created_at: instantSchema, created_by: z.uuid() })
  .meta({ id: 'PipelineVersion' });

export const pipelineListQuery = pageQuerySchema.extend({
  is_active: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
});

export const pipelineParams = idParamsSchema;

export const accountSchema = z
  .object({
    pipeline_id: z.uuid(),
    initial_cash: decimalSchema,
    cash: decimalSchema,
    updated_at: instantSchema,
  })
  .meta({ id: 'PaperAccount' });

/** `If-Match: "3"`: the change is refused when the thing is no longer at version 3. */
export const ifMatchHeaders = z.object({
  'if-match': z
    .string()
    .regex(/^"\d{1,9}"$/, 'send the ETag of the version you read, e.g. "3"')
    .transform((text) => Number(text.slice(1, -1)))
    .optional(),
});
