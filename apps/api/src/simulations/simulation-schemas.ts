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
  .describe('how long each run is assumed to last; default: the median of the last runs');
const listLimit = z.int().min(0).max(500);

export const replayBody = z
  .strictObject({
    from: queryInstantSchema.optional().describe('signals that the log took from then on'),
    to: queryInstantSchema.optional().describe('and before then; default: now'),
    signal_id: z.uuid().optional().describe('this one signal, instead of a range; it must have matched a pipeline'),
    version: z.int().min(1).optional().describe('version of the pipeline; default: the current one'),
    run_seconds: runSeconds,
    limit: listLimit.default(100).describe('longest list of decisions and of differences'),
  })
  .refine(({ from, signal_id: signal }) => (from === undefined) !== (signal === undefined), {
    message: 'name either from (and to) or signal_id',
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
    message: 'one signal has no range',
    path: ['to'],
  })
  .meta({ id: 'ReplayRequest' });

export const simulateBody = z
  .strictObject({
    pipeline: pipelineInputSchema.describe('the definition, as it would be saved'),
    days: z.number().gt(0).max(MAX_SIMULATED_DAYS).default(7).describe('signals of so many last days'),
    run_seconds: runSeconds,
    samples: z.int().min(0).max(100).default(20).describe('decisions to show, the newest of every reason'),
  })
  .meta({ id: 'SimulationRequest' });

const simulatedDecision = z
  .object({
    signal_id: z.uuid().describe("the signal's id; of a rule's deadline the trigger's"),
    signal_type: z.string().nullable(),
    ticker: z.string().nullable(),
    direction: z.enum(SIGNAL_DIRECTIONS).nullable(),
    confidence: z.number().nullable(),
    outcome: z.enum(DECISION_OUTCOMES),
    reason: z.string(),
    detail: z.record(z.string(), z.unknown()).describe('the values the decision rests on'),
    occurred_at: instantSchema.describe('event time'),
    decided_at: instantSchema.describe('on the clock of the simulation: when the log took the signal'),
  })
  .meta({ id: 'SimulatedDecision' });

const basis = {
  range: z.object({ from: instantSchema, to: instantSchema }).describe('by the time the log took the signals'),
  signals_read: z.int().describe('records of the log that were looked at'),
  truncated: z.boolean().describe('the range was cut: `range.to` is earlier than asked for'),
  truncated_by: z.enum(['records', 'seconds', 'matches']).nullable(),
  assumed: z.object({
    run_seconds: z.number(),
    run_seconds_from: z.enum(['request', 'pipeline', 'account', 'default']),
    left_out: z.array(z.string()),
  }),
};
const counts = {
  summary: z.string().describe('in one sentence'),
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
    then: recordedDecision.nullable().describe('what happened; null: nothing was decided then'),
    now: simulatedDecision.nullable().describe('what the simulation decided; null: nothing'),
    causes: z.array(z.string()),
  })
  .meta({ id: 'DecisionDifference' });

export const replaySchema = z
  .object({
    version: z.int().describe('version of the pipeline that was replayed'),
    ...counts,
    decisions: z.array(simulatedDecision).describe('the newest, at most `limit`'),
    firings: z.array(simulatedDecision).describe('those that would have started a run, the newest, at most `limit`'),
    diff: z.object({
      same: z.int(),
      different: z.int().describe('decided otherwise then'),
      only_then: z.int().describe('decided then, not now'),
      only_now: z.int().describe('decided now, not then'),
      differences: z.array(differenceSchema).describe('in order of event time, at most `limit`'),
    }),
    ...basis,
  })
  .meta({ id: 'Replay' });
