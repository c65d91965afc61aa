import { SIGNAL_DIRECTIONS } from '@tripline/market';
import type { Signal } from '@tripline/triggers';
import { z } from 'zod';

import { signalTypeSchema, tickerSchema } from './pipelines';

export const SIGNAL_SCHEMA_VERSION = 1;

/** Limits of a signal message. A message beyond a limit is dead; it is never truncated. */
export const SIGNAL_LIMITS = {
  tickers: 50,
  sourceLength: 100,
  reasoningLength: 2000,
  metadataKeyLength: 64,
  /** Size of `metadata` as JSON text. */
  metadataBytes: 16 * 1024,
  /** Nesting depth of objects and arrays; the message itself is level 1. */
  depth: 8,
  /** Total number of keys in all objects of the message. */
  keys: 512,
  /** Event times outside 1900-01-01 to 2200-01-01 are invalid (e.g. milliseconds sent as seconds). */
  earliestEventMs: Date.UTC(1900, 0, 1),
  latestEventMs: Date.UTC(2200, 0, 1),
} as const;

/**
 * How far in the future an event time may lie, ms, to allow for clock differences. Measured from the record's append time or,
 * without a record, from the API call.
 */
export const MAX_EVENT_AHEAD_MS = 5 * 60_000;

/** Whether an event time lies too far in the future. @param nowMs append or call time, epoch ms; negative means unknown */
export function isTooFarAhead(occurredAt: number, nowMs: number): boolean {
  return nowMs >= 0 && occurredAt - nowMs > MAX_EVENT_AHEAD_MS;
}

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

/** The Kafka value of topic `trading-signals`. Unknown fields are ignored, which allows new optional fields. */
export const signalMessageSchema = z.object({
  /** Lower-cased, because ids are compared as strings. */
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
  /** Id of the user who published it through the API. */
  publisher: z.uuid().toLowerCase().optional(),
  /** Id of the only user whose pipelines it can match; absent: shared. An invalid id makes the signal dead, never shared. */
  owner: z.uuid().toLowerCase().optional(),
});

/** Why a record of the topic is not a valid signal: the closed list of values of `dead_signals.reason`. */
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
  // Depends on the record and its append time.
  'event_time_in_future',
  // Does not depend on the record alone: its compressed batch exceeds the memory limit and was not decompressed.
  'batch_too_large',
  // Does not depend on the record alone: it crashed the process repeatedly.
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
    ...(signal.publisher === undefined ? {} : { publisher: signal.publisher }),
    ...(signal.owner === undefined ? {} : { owner: signal.owner }),
  };
}
