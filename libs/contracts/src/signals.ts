import { SIGNAL_DIRECTIONS, type Signal } from '@tripline/domain';
import { z } from 'zod';

import { signalTypeSchema, tickerSchema } from './pipelines';

export const SIGNAL_SCHEMA_VERSION = 1;

/** Epoch seconds beyond these are no market event: 1900-01-01 to 2200-01-01. */
const MIN_EVENT_SECONDS = -2_208_988_800;
const MAX_EVENT_SECONDS = 7_258_118_400;

const isoTimestamp = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const epochSeconds = z
  .number()
  .min(MIN_EVENT_SECONDS)
  .max(MAX_EVENT_SECONDS)
  .transform((seconds) => Math.round(seconds * 1000));

const tickerSignalSchema = z.object({
  ticker: tickerSchema,
  signal: z.enum(SIGNAL_DIRECTIONS),
  confidence: z.number().min(0).max(100),
  reasoning: z.string().max(2000).optional(),
});

/** The Kafka value of topic `trading-signals`; unknown fields are ignored, so that new optional fields may be added. */
export const signalMessageSchema = z.object({
  signal_id: z.uuid(),
  signal_type: signalTypeSchema,
  source: z.string().min(1).max(100),
  timestamp: z.union([isoTimestamp, epochSeconds]),
  tickers: z
    .array(tickerSignalSchema)
    .min(1)
    .max(50)
    .refine((list) => new Set(list.map((entry) => entry.ticker)).size === list.length, 'a ticker is named twice'),
  metadata: z.record(z.string().max(64), z.unknown()).default({}),
  schema_version: z.literal(SIGNAL_SCHEMA_VERSION).default(SIGNAL_SCHEMA_VERSION),
});

/** Why a record of the topic is no signal; the closed list behind `dead_signals.reason`. */
export const DEAD_SIGNAL_REASONS = [
  'empty',
  'too_large',
  'not_utf8',
  'not_json',
  'not_an_object',
  'too_deep',
  'forbidden_key',
  'unsupported_version',
  'invalid_signal_id',
  'invalid_timestamp',
  'invalid_tickers',
  'invalid_field',
] as const;
export type DeadSignalReason = (typeof DEAD_SIGNAL_REASONS)[number];

/** The wire form of a signal. */
export function toSignalMessage(signal: Signal): Record<string, unknown> {
  return {
    signal_id: signal.signalId,
    signal_type: signal.signalType,
    source: signal.source,
    timestamp: new Date(signal.occurredAt).toISOString(),
    tickers: signal.tickers,
    metadata: signal.metadata,
    schema_version: signal.schemaVersion,
  };
}
