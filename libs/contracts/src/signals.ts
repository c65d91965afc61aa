import { SIGNAL_DIRECTIONS } from '@tripline/market';
import type { Signal } from '@tripline/triggers';
import { z } from 'zod';

import { signalTypeSchema, tickerSchema } from './pipelines';

export const SIGNAL_SCHEMA_VERSION = 1;

/** Bounds of a signal message; beyond them it is dead, never cut. */
export const SIGNAL_LIMITS = {
  tickers: 50,
  sourceLength: 100,
  reasoningLength: 2000,
  metadataKeyLength: 64,
  /** Of `metadata` as JSON text. */
  metadataBytes: 16 * 1024,
  /** Objects and arrays within each other, the message itself being the first. */
  depth: 8,
  /** Keys of all objects of the message. */
  keys: 512,
  /** Event times before 1900-01-01 and after 2200-01-01 are no market events (e.g. milliseconds sent as seconds). */
  earliestEventMs: Date.UTC(1900, 0, 1),
  latestEventMs: Date.UTC(2200, 0, 1),
} as const;

const isoTimestamp = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const epochSeconds = z.number().transform((seconds) => Math.round(seconds * 1000));
const TIMESTAMP_RULE = 'an ISO-8601 date-time with seconds and zone, or epoch seconds, from 1900 to 2200';
const eventTimestamp = z
  .union([isoTimestamp, epochSeconds], { error: TIMESTAMP_RULE })
  .refine((time) => time >= SIGNAL_LIMITS.earliestEventMs && time <= SIGNAL_LIMITS.latestEventMs, TIMESTAMP_RULE);

const tickerSignalSchema = z.object({
  ticker: tickerSchema,
  signal: z.enum(SIGNAL_DIRECTIONS),
  confidence: z.number().min(0).max(100),
  reasoning: z.string().max(SIGNAL_LIMITS.reasoningLength).optional(),
});

/** The Kafka value of topic `trading-signals`; unknown fields are ignored, so that new optional fields may be added. */
export const signalMessageSchema = z.object({
  /** Lower-cased, so that equal ids are equal strings. */
  signal_id: z.uuid().toLowerCase(),
  signal_type: signalTypeSchema,
  source: z.string().min(1).max(SIGNAL_LIMITS.sourceLength),
  timestamp: eventTimestamp,
  tickers: z
    .array(tickerSignalSchema)
    .min(1)
    .max(SIGNAL_LIMITS.tickers)
    .refine((list) => new Set(list.map((entry) => entry.ticker)).size === list.length, 'a ticker is named twice'),
  metadata: z.record(z.string().max(SIGNAL_LIMITS.metadataKeyLength), z.unknown()).default({}),
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
  // Not read off the record: its compressed batch would have taken too much memory, and was not unpacked.
  'batch_too_large',
  // Not read off the record: it ended the process again and again.
  'process_killer',
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
