import { TICKER_PATTERN } from '@tripline/market';
import type { Signal, TickerSignal } from '@tripline/triggers';

import { SIGNAL_TYPE_PATTERN } from './pipelines';
import { SIGNAL_LIMITS, SIGNAL_SCHEMA_VERSION } from './signals';

/** RFC 9562, versions 1 to 8, lower case only. Other forms take the slow path. */
export const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** `2024-05-01T12:30:00Z`, with or without milliseconds. */
const ISO_UTC = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{3})?Z$/;
const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const DIGIT_ZERO = 48;

/**
 * Reads a signal message in canonical form without the schema, which is slower. Null means that the form is not canonical,
 * and `signalMessageSchema` must decide. Everything this accepts, the schema accepts with the same result; a property test
 * compares the two. The structure must have passed `findTreeProblem`.
 */
export function readUsualSignal(message: Readonly<Record<string, unknown>>): Signal | null {
  const { signal_id, signal_type, source, timestamp, tickers, metadata, schema_version, publisher, owner } = message;
  if (schema_version !== SIGNAL_SCHEMA_VERSION && schema_version !== undefined) return null;
  if (typeof signal_id !== 'string' || !UUID_PATTERN.test(signal_id)) return null;
  if (typeof signal_type !== 'string' || !SIGNAL_TYPE_PATTERN.test(signal_type)) return null;
  if (typeof source !== 'string' || source.length === 0 || source.length > SIGNAL_LIMITS.sourceLength) return null;
  if (!isIdOrAbsent(publisher) || !isIdOrAbsent(owner)) return null;
  const occurredAt = typeof timestamp === 'string' ? readTime(timestamp) : null;
  const tickerSignals = readTickers(tickers);
  const data = metadata === undefined ? {} : readMetadata(metadata);
  if (occurredAt === null || tickerSignals === null || data === null) return null;
  return {
    signalId: signal_id,
    signalType: signal_type,
    source,
    occurredAt,
    tickers: tickerSignals,
    metadata: data,
    schemaVersion: SIGNAL_SCHEMA_VERSION,
    publisher,
    owner,
  };
}

function isIdOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && UUID_PATTERN.test(value));
}

function readTickers(value: unknown): TickerSignal[] | null {
  if (!Array.isArray(value) || value.length === 0 || value.length > SIGNAL_LIMITS.tickers) return null;
  const entries: TickerSignal[] = [];
  for (const item of value as unknown[]) {
    const entry = readTicker(item);
    if (entry === null || entries.some((earlier) => earlier.ticker === entry.ticker)) return null;
    entries.push(entry);
  }
  return entries;
}

function readTicker(item: unknown): TickerSignal | null {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return null;
  const { ticker, signal, confidence, reasoning } = item as Record<string, unknown>;
  if (typeof ticker !== 'string' || !TICKER_PATTERN.test(ticker)) return null;
  if (signal !== 'BULLISH' && signal !== 'BEARISH' && signal !== 'NEUTRAL') return null;
  if (typeof confidence !== 'number' || !(confidence >= 0 && confidence <= 100)) return null;
  if (reasoning === undefined) return { ticker, signal, confidence };
  if (typeof reasoning !== 'string' || reasoning.length > SIGNAL_LIMITS.reasoningLength) return null;
  return { ticker, signal, confidence, reasoning };
}

function readMetadata(value: unknown): Record<string, unknown> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  for (const key in value) if (key.length > SIGNAL_LIMITS.metadataKeyLength) return null;
  return value as Record<string, unknown>;
}

/** Cache of the last timestamp, because consecutive signals of one bar or burst share theirs. */
let last: { readonly text: string; readonly time: number | null } = { text: '', time: null };

/** Epoch ms of `2024-05-01T12:30:00Z`, with or without milliseconds; null for anything else, 29 February included. */
export function readTime(text: string): number | null {
  if (text !== last.text) last = { text, time: readIsoUtc(text) };
  return last.time;
}

function readIsoUtc(text: string): number | null {
  if (!ISO_UTC.test(text)) return null;
  const year = digits(text, 0) * 100 + digits(text, 2);
  const month = digits(text, 5);
  const day = digits(text, 8);
  const daysOfMonth = DAYS_OF_MONTH[month - 1];
  // 29 February is left to the schema, which handles leap years.
  if (daysOfMonth === undefined || day < 1 || day > daysOfMonth || year < 1900) return null;
  const milliseconds = text.length === 24 ? digits(text, 20) * 10 + text.charCodeAt(22) - DIGIT_ZERO : 0;
  const time = Date.UTC(year, month - 1, day, digits(text, 11), digits(text, 14), digits(text, 17), milliseconds);
  return time <= SIGNAL_LIMITS.latestEventMs ? time : null;
}

/** The two-digit number at an index where the pattern has matched two digits. */
function digits(text: string, at: number): number {
  return (text.charCodeAt(at) - DIGIT_ZERO) * 10 + text.charCodeAt(at + 1) - DIGIT_ZERO;
}
