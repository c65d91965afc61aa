import { DECISION_OUTCOMES, SIGNAL_DIRECTIONS, TRIGGER_MODES } from '@tripline/domain';
import type { LedgerEntry } from '@tripline/persistence';
import { z } from 'zod';

import { instantSchema, pageQuerySchema, pageSchema, queryInstantSchema } from '../http/schemas';

/** One line of the ledger: why a trigger did or did not start a pipeline. */
export const decisionSchema = z
  .object({
    pipeline_id: z.uuid(),
    pipeline_version: z.int(),
    signal_id: z.uuid().describe("the signal's id; of periodic and manual runs the trigger's"),
    signal_type: z.string().nullable(),
    trigger_mode: z.enum(TRIGGER_MODES),
    ticker: z.string().nullable(),
    direction: z.enum(SIGNAL_DIRECTIONS).nullable(),
    confidence: z.number().nullable(),
    outcome: z.enum(DECISION_OUTCOMES),
    reason: z.string(),
    detail: z.record(z.string(), z.unknown()).describe('the values the decision rested on'),
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
    .describe('repeat it for several outcomes'),
  signal_id: z.uuid().optional(),
});

export const decisionListQuery = pageQuerySchema.extend(decisionRangeQuery.shape);

export const decisionCountsSchema = z
  .object({
    total: z.int(),
    by_outcome: z.partialRecord(z.enum(DECISION_OUTCOMES), z.int()),
  })
  .meta({ id: 'DecisionCounts' });

export function decisionResource(entry: LedgerEntry): z.output<typeof decisionSchema> {
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
