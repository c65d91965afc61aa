import { DECISION_OUTCOMES } from '@tripline/decisions';
import { SIGNAL_DIRECTIONS } from '@tripline/market';
import { TRIGGER_MODES } from '@tripline/triggers';
import type { DecisionLogEntry, WhyEntry } from '@tripline/decision-store';
import { z } from 'zod';

import { instantSchema, pageQuerySchema, pageSchema, queryInstantSchema } from '../http/schemas';
import { explain } from './explain';

/** One entry of the decision log: why a trigger did or did not start a pipeline. */
export const decisionSchema = z
  .object({
    pipeline_id: z.uuid(),
    pipeline_version: z.int(),
    signal_id: z.uuid().describe("the signal's id; for other trigger modes, the trigger's id"),
    signal_type: z.string().nullable(),
    trigger_mode: z.enum(TRIGGER_MODES),
    ticker: z.string().nullable(),
    direction: z.enum(SIGNAL_DIRECTIONS).nullable(),
    confidence: z.number().nullable(),
    outcome: z.enum(DECISION_OUTCOMES),
    reason: z.string(),
    detail: z.record(z.string(), z.unknown()).describe('the values the decision was based on'),
    execution_id: z.uuid().nullable().describe('set when the outcome is TRIGGERED'),
    occurred_at: instantSchema.describe('event time of the trigger'),
    decided_at: instantSchema,
  })
  .meta({ id: 'Decision' });

export const decisionPage = pageSchema(decisionSchema).meta({ id: 'DecisionPage' });

export const decisionRangeQuery = z.strictObject({
  from: queryInstantSchema.optional(),
  to: queryInstantSchema.optional(),
  outcome: z
    .union([z.enum(DECISION_OUTCOMES).transform((outcome) => [outcome]), z.array(z.enum(DECISION_OUTCOMES)).max(9)])
    .optional()
    .describe('repeat the parameter to filter by several outcomes'),
  signal_id: z.uuid().optional(),
});

export const decisionListQuery = pageQuerySchema.extend(decisionRangeQuery.shape);

export const decisionCountsSchema = z
  .object({
    total: z.int(),
    by_outcome: z.partialRecord(z.enum(DECISION_OUTCOMES), z.int()),
  })
  .meta({ id: 'DecisionCounts' });

export function decisionResource(entry: DecisionLogEntry): z.output<typeof decisionSchema> {
  return {
    pipeline_id: entry.pipelineId,
    pipeline_version: entry.pipelineVersion,
    signal_id: entry.signalId,
    signal_type: entry.signalType,
    trigger_mode: entry.triggerMode,
    ticker: entry.ticker,
    direction: entry.direction,
    confidence: entry.confidence,
    outcome: entry.outcome,
    reason: entry.reason,
    detail: { ...entry.detail },
    execution_id: entry.executionId,
    occurred_at: new Date(entry.occurredAt).toISOString(),
    decided_at: new Date(entry.decidedAt).toISOString(),
  };
}

/** One entry of the explanation: a decision, or a near miss (a signal on a watched ticker that failed a condition). */
export const whySchema = z
  .object({
    kind: z.enum(['decision', 'near_miss']),
    at: instantSchema.describe('when the decision was made or the near miss was seen'),
    signal_id: z.uuid(),
    signal_type: z.string().nullable(),
    ticker: z.string().nullable(),
    direction: z.enum(SIGNAL_DIRECTIONS).nullable(),
    confidence: z.number().nullable(),
    outcome: z.enum(DECISION_OUTCOMES).nullable().describe('null for a near miss, because nothing was decided'),
    reason: z.string().describe('the reason for the decision; for a near miss, the condition that failed'),
    explanation: z.string().describe('the reason in words, with its values, e.g. `confidence 71 < 75`'),
    detail: z.record(z.string(), z.unknown()).describe('the values it was based on'),
    execution_id: z.uuid().nullable(),
    pipeline_version: z.int(),
    occurred_at: instantSchema.describe('event time of the signal'),
  })
  .meta({ id: 'Why' });

export const whyPage = pageSchema(whySchema).meta({ id: 'WhyPage' });

export const whyQuery = pageQuerySchema.extend({
  from: queryInstantSchema.optional(),
  to: queryInstantSchema.optional(),
});

export function whyResource(entry: WhyEntry): z.output<typeof whySchema> {
  const shared = {
    kind: entry.kind,
    at: new Date(entry.at).toISOString(),
    signal_id: entry.signalId,
    signal_type: entry.signalType,
    ticker: entry.ticker,
    reason: entry.reason,
    explanation: explain(entry),
    detail: { ...entry.detail },
    occurred_at: new Date(entry.occurredAt).toISOString(),
  };
  if (entry.kind === 'near_miss') {
    const { direction, confidence, pipeline_version } = entry.detail;
    return { ...shared, direction, confidence, pipeline_version, outcome: null, execution_id: null };
  }
  const { direction, confidence, outcome, executionId, pipelineVersion } = entry;
  return { ...shared, direction, confidence, outcome, execution_id: executionId, pipeline_version: pipelineVersion };
}
