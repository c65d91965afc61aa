import { SIGNAL_DIRECTIONS } from '@tripline/market';
import { AGENT_TYPES, EXECUTION_STATUSES, TRIGGER_MODES } from '@tripline/triggers';
import type { ExecutionDetail, ExecutionRecord, StepRecord } from '@tripline/execution-store';
import { z } from 'zod';

import { decimalSchema, instantSchema } from '../http/schemas';
import { withWireNames } from '../http/wire-names';
import { fillResource, fillSchema, orderResource, orderSchema } from '../orders/order-schemas';

export const executionSchema = z
  .object({
    id: z.uuid(),
    pipeline_id: z.uuid(),
    pipeline_version: z.int(),
    pipeline_name: z.string(),
    trigger_mode: z.enum(TRIGGER_MODES),
    signal_id: z.uuid(),
    signal_type: z.string().nullable(),
    ticker: z.string().nullable(),
    direction: z.enum(SIGNAL_DIRECTIONS).nullable(),
    status: z.enum(EXECUTION_STATUSES),
    attempt: z.int(),
    occurred_at: instantSchema.describe('event time of the trigger'),
    created_at: instantSchema,
    started_at: instantSchema.nullable(),
    finished_at: instantSchema.nullable(),
    cost_usd: decimalSchema,
    stop_reason: z.string().nullable().describe('why the execution ended before its last agent'),
    error: z.string().nullable(),
    trace_id: z.string().nullable(),
  })
  .meta({ id: 'Execution' });

const stepSchema = z
  .object({
    step: z.int(),
    agent: z.enum(AGENT_TYPES),
    status: z.enum(['continue', 'stop', 'failed']),
    reason: z.string().nullable(),
    message: z.string().nullable(),
    output: z.unknown().describe("the agent's typed result"),
    duration_ms: z.number(),
    cost_usd: decimalSchema,
  })
  .meta({ id: 'ExecutionStep' });

export const executionDetailSchema = executionSchema
  .extend({
    result: z.unknown(),
    steps: z.array(stepSchema),
    orders: z.array(orderSchema),
    fills: z.array(fillSchema),
  })
  .meta({ id: 'ExecutionDetail' });

export function executionResource(execution: ExecutionRecord): z.output<typeof executionSchema> {
  return {
    id: execution.executionId,
    pipeline_id: execution.pipelineId,
    pipeline_version: execution.pipelineVersion,
    pipeline_name: execution.pipelineName,
    trigger_mode: execution.triggerMode,
    signal_id: execution.signalId,
    signal_type: execution.signalType,
    ticker: execution.ticker,
    direction: execution.direction,
    status: execution.status,
    attempt: execution.attempt,
    occurred_at: instant(execution.occurredAt),
    created_at: instant(execution.createdAt),
    started_at: instantOrNull(execution.startedAt),
    finished_at: instantOrNull(execution.finishedAt),
    cost_usd: execution.cost,
    stop_reason: execution.stopReason,
    error: execution.error,
    trace_id: execution.traceparent?.split('-')[1] ?? null,
  };
}

export function executionDetailResource(execution: ExecutionDetail): z.output<typeof executionDetailSchema> {
  return {
    ...executionResource(execution),
    result: execution.result,
    steps: execution.steps.map(stepResource),
    orders: execution.orders.map(orderResource),
    fills: execution.fills.map(fillResource),
  };
}

function stepResource(step: StepRecord): z.output<typeof stepSchema> {
  return {
    step: step.stepNo,
    agent: step.agent,
    status: step.status,
    reason: step.reason,
    message: step.message,
    output: withWireNames(step.output),
    duration_ms: step.durationMs,
    cost_usd: step.cost,
  };
}

function instant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function instantOrNull(epochMs: number | null): string | null {
  return epochMs === null ? null : instant(epochMs);
}
