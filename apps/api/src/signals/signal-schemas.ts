import { SIGNAL_DIRECTIONS } from '@tripline/market';
import type { DeadSignalRecord, SignalRecord } from '@tripline/decision-store';
import { z } from 'zod';

import { instantSchema } from '../http/schemas';

/** Whose pipelines a signal can match. */
export const SIGNAL_SCOPES = ['own', 'shared'] as const;

export const signalSchema = z
  .object({
    signal_id: z.uuid(),
    signal_type: z.string(),
    source: z.string(),
    timestamp: instantSchema.describe('event time'),
    tickers: z.array(
      z.object({
        ticker: z.string(),
        signal: z.enum(SIGNAL_DIRECTIONS),
        confidence: z.number(),
        reasoning: z.string().optional(),
      }),
    ),
    metadata: z.record(z.string(), z.unknown()),
    scope: z
      .enum(SIGNAL_SCOPES)
      .describe("`own`: can match only its publisher's pipelines; `shared`: can match every user's"),
    publisher_id: z
      .uuid()
      .nullable()
      .describe('the user who published it through the API; null: published by a service'),
    recorded_at: instantSchema,
    topic: z.string().nullable(),
    partition: z.int().nullable(),
    offset: z.string().nullable(),
  })
  .meta({ id: 'Signal' });

export const deadSignalSchema = z
  .object({
    topic: z.string(),
    partition: z.int(),
    offset: z.string(),
    reason: z.string(),
    detail: z.string(),
    raw_sha256: z.string(),
    raw_prefix_base64: z.string().describe('the first bytes of the record, at most 256'),
    recorded_at: instantSchema,
  })
  .meta({ id: 'DeadSignal' });

export function signalResource(record: SignalRecord): z.output<typeof signalSchema> {
  const { signal } = record;
  return {
    signal_id: signal.signalId,
    signal_type: signal.signalType,
    source: signal.source,
    timestamp: new Date(signal.occurredAt).toISOString(),
    tickers: signal.tickers.map((entry) => ({ ...entry })),
    metadata: { ...signal.metadata },
    scope: signal.owner === undefined ? 'shared' : 'own',
    publisher_id: signal.publisher ?? null,
    recorded_at: new Date(record.recordedAt).toISOString(),
    topic: record.topic,
    partition: record.partition,
    offset: record.offset === null ? null : String(record.offset),
  };
}

export function deadSignalResource(record: DeadSignalRecord): z.output<typeof deadSignalSchema> {
  return {
    topic: record.topic,
    partition: record.partition,
    offset: String(record.offset),
    reason: record.reason,
    detail: record.detail,
    raw_sha256: record.rawSha256,
    raw_prefix_base64: record.rawPrefix.toString('base64'),
    recorded_at: new Date(record.recordedAt).toISOString(),
  };
}
