import { pipelineInputSchema } from '@tripline/contracts';
import { DECISION_OUTCOMES, DIFFERENCE_KINDS } from '@tripline/decisions';
import { SIGNAL_DIRECTIONS } from '@tripline/market';
import { z } from 'zod';

import { instantSchema, queryInstantSchema } from '../http/schemas';

export const MAX_SIMULATED_DAYS = 31;
const DAY_MS = 86_400_000;

const runSeconds = z
  .number()
  .min(0)
  .max(86_400)
  .optional()
  .describe('assumed duration of each execution; default: the median of recent executions');
const listLimit = z.int().min(0).max(500);

export const replayBody = z
  .strictObject({
    from: queryInstantSchema.optional().describe('first append time to replay, inclusive'),
    to: queryInstantSchema.optional().describe('last append time to replay, exclusive; default: now'),
    signal_id: z.uuid().optional().describe('replay this signal instead of a range; it must have matched a pipeline'),
    version: z.int().min(1).optional().describe('pipeline version; default: the current version'),
    run_seconds: runSeconds,
    limit: listLimit.default(100).describe('maximum length of each list in the answer'),
  })
  .refine(({ from, signal_id: signal }) => (from === undefined) !== (signal === undefined), {
    message: 'send either from (and optionally to) or signal_id',
    path: ['from'],
  })
  .refine(
    ({ from, to }) => from === undefined || to === undefined || (from < to && to - from <= MAX_SIMULATED_DAYS * DAY_MS),
    {
      message: `to must be later than from, by at most ${MAX_SIMULATED_DAYS} days`,
      path: ['to'],
    },
  )
  .refine(({ to, signal_id: signal }) => to === undefined || signal === undefined, {
    message: 'to cannot be combined with signal_id',
    path: ['to'],
  })
  .meta({ id: 'ReplayRequest' });

export const simulateBody = z
  .strictObject({
    pipeline: pipelineInputSchema.describe('the pipeline definition to simulate'),
    days: z.number().gt(0).max(MAX_SIMULATED_DAYS).default(7).describe('number of days to simulate, up to now'),
    run_seconds: runSeconds,
    samples: z.int().min(0).max(100).default(20).describe('number of sample decisions: the newest for each reason'),
  })
  .meta({ id: 'SimulationRequest' });

const simulatedDecision = z
  .object({
    signal_id: z.uuid().describe("the signal's id; for a rule deadline, the trigger's id"),
    signal_type: z.string().nullable(),
    ticker: z.string().nullable(),
    direction: z.enum(SIGNAL_DIRECTIONS).nullable(),
    confidence: z.number().nullable(),
    outcome: z.enum(DECISION_OUTCOMES),
    reason: z.string(),
    detail: z.record(z.string(), z.unknown()).describe('the values the decision is based on'),
    occurred_at: instantSchema.describe('event time'),
    decided_at: instantSchema.describe('simulated time: when the signal was appended to the log'),
  })
  .meta({ id: 'SimulatedDecision' });

const basis = {
  range: z.object({ from: instantSchema, to: instantSchema }).describe('range of append times'),
  signals_read: z.int().describe('number of log records read'),
  truncated: z.boolean().describe('true: a limit was reached, and `range.to` is earlier than requested'),
  truncated_by: z.enum(['records', 'seconds', 'matches']).nullable(),
  assumed: z.object({
    run_seconds: z.number(),
    run_seconds_from: z.enum(['request', 'pipeline', 'account', 'default']),
    left_out: z.array(z.string()),
  }),
};
const counts = {
  summary: z.string().describe('one-sentence summary'),
  fired: z.int(),
  decided: z.int(),
  by_outcome: z.partialRecord(z.enum(DECISION_OUTCOMES), z.int()),
  by_reason: z.record(z.string(), z.int()),
};

export const simulationSchema = z
  .object({ ...counts, samples: z.array(simulatedDecision), ...basis })
  .meta({ id: 'Simulation' });

const recordedDecision = z.object({
  outcome: z.enum(DECISION_OUTCOMES),
  reason: z.string(),
  pipeline_version: z.int(),
  decided_at: instantSchema,
});

const differenceSchema = z
  .object({
    kind: z.enum(DIFFERENCE_KINDS),
    signal_id: z.uuid(),
    occurred_at: instantSchema,
    then: recordedDecision.nullable().describe('the actual decision; null: none was made'),
    now: simulatedDecision.nullable().describe('the simulated decision; null: none was made'),
    causes: z.array(z.string()),
  })
  .meta({ id: 'DecisionDifference' });

export const replaySchema = z
  .object({
    version: z.int().describe('the pipeline version that was replayed'),
    ...counts,
    decisions: z.array(simulatedDecision).describe('the newest decisions, at most `limit`'),
    firings: z
      .array(simulatedDecision)
      .describe('the newest decisions that would have started an execution, at most `limit`'),
    diff: z.object({
      same: z.int(),
      different: z.int().describe('the two decisions differ'),
      only_then: z.int().describe('decided live but not in the simulation'),
      only_now: z.int().describe('decided in the simulation but not live'),
      differences: z.array(differenceSchema).describe('ordered by event time, at most `limit`'),
    }),
    ...basis,
  })
  .meta({ id: 'Replay' });
