import {
  agentSettingsSchema,
  pipelineInputSchema,
  scheduleSchema,
  signalRuleSchema,
  watchedTickerSchema,
} from '@tripline/contracts';
import { MARKET_SESSIONS, SIGNAL_DIRECTIONS } from '@tripline/market';
import { OVERLAP_KEYS, OVERLAP_POLICIES, PIPELINE_MODES, SIGNAL_AGE_ORIGINS, TRIGGER_MODES } from '@tripline/triggers';
import { z } from 'zod';

import { decimalSchema, idParamsSchema, instantSchema, pageQuerySchema, pageSchema } from '../http/schemas';

export const pipelineBody = pipelineInputSchema.meta({ id: 'PipelineDefinition' });

const anything = z.unknown().optional();

/** A JSON merge patch (RFC 7396). Checks only the names here; the full schema checks the values after merging. */
export const pipelinePatchBody = z
  .strictObject({
    name: anything,
    trigger_mode: anything,
    is_active: anything,
    scanner_id: anything,
    tickers: anything,
    signal_subscriptions: anything,
    signal_rule: anything,
    overlap_policy: anything,
    overlap_key: anything,
    overlap_limit: anything,
    overlap_ttl_seconds: anything,
    cooldown_seconds: anything,
    max_signal_age_seconds: anything,
    signal_age_from: anything,
    market_hours: anything,
    min_quality: anything,
    venue: anything,
    schedule: anything,
    agents: anything,
    mode: anything,
  } satisfies Record<keyof z.output<typeof pipelineInputSchema>, unknown>)
  .refine((patch) => Object.keys(patch).length > 0, 'send at least one field')
  .meta({ id: 'PipelinePatch', description: 'JSON merge patch (RFC 7396) of a PipelineDefinition.' });

const subscriptionOutput = z.object({
  signal_type: z.string().optional(),
  min_confidence: z.number(),
  direction: z.enum(SIGNAL_DIRECTIONS).optional(),
  source: z.string().optional(),
});

/** The definition fields of one pipeline version. */
const definitionFields = {
  name: z.string(),
  trigger_mode: z.enum(TRIGGER_MODES),
  is_active: z.boolean(),
  scanner_id: z.uuid().nullable(),
  tickers: z.array(watchedTickerSchema).describe("the scanner's tickers if scanner_id is set"),
  signal_subscriptions: z.array(subscriptionOutput),
  signal_rule: signalRuleSchema.nullable(),
  overlap_policy: z.enum(OVERLAP_POLICIES),
  overlap_key: z.enum(OVERLAP_KEYS),
  overlap_limit: z.int(),
  overlap_ttl_seconds: z.number(),
  cooldown_seconds: z.number(),
  max_signal_age_seconds: z.number(),
  signal_age_from: z.enum(SIGNAL_AGE_ORIGINS),
  market_hours: z.object({ calendar: z.string(), session: z.enum(MARKET_SESSIONS) }).nullable(),
  min_quality: z.number().nullable(),
  venue: z.string(),
  schedule: scheduleSchema.nullable(),
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

/** `If-Match: "3"`: the change fails unless the current version is 3. */
export const ifMatchHeaders = z.object({
  'if-match': z
    .string()
    .regex(/^"\d{1,9}"$/, 'send the ETag of the version you read, e.g. "3"')
    .transform((text) => Number(text.slice(1, -1)))
    .optional(),
});
