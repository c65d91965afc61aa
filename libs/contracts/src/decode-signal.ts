import { isUtf8 } from 'node:buffer';

import type { Signal } from '@tripline/triggers';
import { type z } from 'zod';

import { findTreeProblem } from './json-tree';
import { readUsualSignal } from './signal-fast-path';
import { type DeadSignalReason, isTooFarAhead, SIGNAL_LIMITS, signalMessageSchema } from './signals';
import { TRADING_SIGNALS_TOPIC } from './topics';

/** A signal, or why the record is dead. `detail` is one line for people, at most 200 characters. */
export type DecodedSignal =
  | { readonly ok: true; readonly signal: Signal }
  | { readonly ok: false; readonly reason: DeadSignalReason; readonly detail: string };

const MAX_DETAIL_LENGTH = 200;
/** How many characters of an invalid message a detail may quote. */
const QUOTED_LENGTH = 32;

/** The reason for an invalid top-level field. Other fields are `invalid_field`. */
const REASON_BY_FIELD: Readonly<Record<string, DeadSignalReason>> = {
  schema_version: 'unsupported_version',
  signal_id: 'invalid_signal_id',
  timestamp: 'invalid_timestamp',
  tickers: 'invalid_tickers',
};

/**
 * Reads a record value of topic `trading-signals`. Never throws. The input is untrusted: size, encoding, depth, keys, numbers
 * and strings are checked before the schema sees the message.
 */
export function decodeSignal(value: Buffer | null): DecodedSignal {
  if (value === null || value.length === 0) return dead('empty', 'the record has no value');
  if (value.length > TRADING_SIGNALS_TOPIC.maxMessageBytes) {
    return dead('too_large', `${value.length} bytes, more than ${TRADING_SIGNALS_TOPIC.maxMessageBytes}`);
  }
  if (!isUtf8(value)) return dead('not_utf8', 'the value is not well-formed UTF-8');
  const text = value.toString('utf8');
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return dead('not_json', `not JSON: starts with ${JSON.stringify(text.slice(0, QUOTED_LENGTH))}`);
  }
  return decodeMessage(message, { bytes: value.length, mayHoldOddText: text.includes('\\') });
}

/** A record of the topic: its value and append time. */
export interface SignalRecord {
  readonly value: Buffer | null;
  /** Epoch ms. */
  readonly timestampMs: number;
}

/**
 * Reads a record of topic `trading-signals` with `decodeSignal` and also rejects event times too far after its append time. Uses
 * the broker's time instead of the local clock, because reading a record again must give the same result.
 */
export function decodeSignalRecord({ value, timestampMs }: SignalRecord): DecodedSignal {
  const decoded = decodeSignal(value);
  if (!decoded.ok || !isTooFarAhead(decoded.signal.occurredAt, timestampMs)) return decoded;
  const aheadSeconds = Math.round((decoded.signal.occurredAt - timestampMs) / 1000);
  return dead('event_time_in_future', `timestamp: ${aheadSeconds} s after the record was appended`);
}

/** Like `decodeSignal`, for an already parsed message, e.g. a webhook body. */
export function signalFromMessage(message: unknown): DecodedSignal {
  return decodeMessage(message, { bytes: Infinity, mayHoldOddText: true });
}

function decodeMessage(message: unknown, from: { bytes: number; mayHoldOddText: boolean }): DecodedSignal {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    const found = message === null ? 'null' : Array.isArray(message) ? 'an array' : `a ${typeof message}`;
    return dead('not_an_object', `the message is ${found}, not an object`);
  }
  const problem = findTreeProblem(message, from.mayHoldOddText);
  if (problem !== null) return dead(problem.reason, problem.detail);
  const signal = readUsualSignal(message as Record<string, unknown>);
  const decoded = signal === null ? decodeBySchema(message) : ({ ok: true, signal } as const);
  // Metadata cannot be longer than its message, so most messages need no separate check.
  if (!decoded.ok || from.bytes <= SIGNAL_LIMITS.metadataBytes) return decoded;
  const metadataBytes = Buffer.byteLength(JSON.stringify(decoded.signal.metadata));
  if (metadataBytes <= SIGNAL_LIMITS.metadataBytes) return decoded;
  return dead('invalid_field', `metadata: ${metadataBytes} bytes, more than ${SIGNAL_LIMITS.metadataBytes}`);
}

function decodeBySchema(message: object): DecodedSignal {
  const parsed = signalMessageSchema.safeParse(message);
  if (!parsed.success) return deadBySchema(parsed.error);
  const { signal_id, signal_type, source, timestamp, tickers, metadata, schema_version, publisher, owner } =
    parsed.data;
  return {
    ok: true,
    signal: {
      signalId: signal_id,
      signalType: signal_type,
      source,
      occurredAt: timestamp,
      tickers,
      metadata,
      schemaVersion: schema_version,
      publisher,
      owner,
    },
  };
}

function deadBySchema(error: z.ZodError): DecodedSignal {
  // An unsupported version explains every other issue.
  const issue = error.issues.find(({ path }) => path[0] === 'schema_version') ?? error.issues[0];
  const field = String(issue?.path[0] ?? '');
  const reason = Object.hasOwn(REASON_BY_FIELD, field) ? REASON_BY_FIELD[field] : undefined;
  const path = (issue?.path ?? []).map((step) => String(step).slice(0, QUOTED_LENGTH)).join('.');
  return dead(reason ?? 'invalid_field', `${path}: ${issue?.message ?? 'invalid'}`);
}

function dead(reason: DeadSignalReason, detail: string): DecodedSignal {
  // Truncation can split a surrogate pair, and control characters break log lines.
  const line = detail
    .slice(0, MAX_DETAIL_LENGTH)
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ');
  return { ok: false, reason, detail: line };
}
