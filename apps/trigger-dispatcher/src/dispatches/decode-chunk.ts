import { createHash } from 'node:crypto';

import { type DeadSignalReason, decodeSignalRecord, isTooFarAhead, readSignalHead } from '@tripline/contracts';
import type { Match, Signal, SignalHead } from '@tripline/triggers';
import type { IncomingBatch, IncomingMessage } from '@tripline/messaging';

/** A record that is a signal. */
export interface DecodedRecord {
  readonly message: IncomingMessage;
  readonly signal: Signal;
}

/** A record that is none, with what is kept of it. */
export interface UndecodableRecord {
  readonly message: IncomingMessage;
  readonly reason: DeadSignalReason;
  readonly detail: string;
}

export interface MatchedRecord extends DecodedRecord {
  readonly matches: readonly Match[];
}

/** Consecutive messages of a chunk that are decided in one transaction. */
export interface ChunkPart {
  readonly messages: readonly IncomingMessage[];
  /** Signals that match at least one pipeline. */
  readonly matched: readonly MatchedRecord[];
  /** Records that are signals and match nothing: only counted. */
  readonly unmatched: readonly IncomingMessage[];
  readonly dead: readonly UndecodableRecord[];
}

/**
 * Pairs of one transaction. A pair takes some 50 microseconds: a popular ticker with thousands of pipelines would otherwise
 * make a chunk that outlasts the statement timeout, and that comes again, too large, for ever.
 */
const MAX_PAIRS = 5_000;

/** A record whose batch was not unpacked. What it held is not known; its publisher has to send it again. */
const OVERSIZED = {
  ok: false,
  reason: 'batch_too_large',
  detail: 'the compressed batch of this record was not unpacked: it would have taken too much memory',
} as const;

/**
 * Splits a chunk into signals with their matches and dead records, in parts of at most `maxPairs` pairs (a single signal may
 * have more). Nothing of it can throw, whatever the bytes. Lazy: only the matches of one part are in memory.
 */
export function* partsOf(
  messages: IncomingBatch['messages'],
  match: (signal: SignalHead) => readonly Match[],
  maxPairs = MAX_PAIRS,
): Generator<ChunkPart> {
  let from = 0;
  let pairs = 0;
  let part = emptyPart();
  for (let index = 0; index < messages.length; index += 1) {
    const message = messages[index] as IncomingMessage;
    // Most signals match nothing: a glance tells, and nothing else is made of them.
    const head = readSignalHead(message.value);
    const isUsual = head !== null && !isTooFarAhead(head.occurredAt, message.timestampMs);
    const seen = isUsual ? match(head) : null;
    if (seen?.length === 0) {
      part.unmatched.push(message);
      continue;
    }
    const decoded = message.isOversized === true ? OVERSIZED : decodeSignalRecord(message);
    const matches = decoded.ok ? (seen ?? match(decoded.signal)) : [];
    if (pairs > 0 && pairs + matches.length > maxPairs) {
      yield { ...part, messages: messages.slice(from, index) };
      [from, pairs, part] = [index, 0, emptyPart()];
    }
    pairs += matches.length;
    if (!decoded.ok) part.dead.push({ message, reason: decoded.reason, detail: decoded.detail });
    else if (matches.length > 0) part.matched.push({ message, signal: decoded.signal, matches });
    else part.unmatched.push(message);
  }
  if (from < messages.length) yield { ...part, messages: messages.slice(from) };
}

function emptyPart(): { matched: MatchedRecord[]; unmatched: IncomingMessage[]; dead: UndecodableRecord[] } {
  return { matched: [], unmatched: [], dead: [] };
}

const PREFIX_BYTES = 256;
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** What `dead_signals` keeps of a bad record: its digest and a bounded beginning, never all of it. */
export function describeDeadRecord({ message, reason, detail }: UndecodableRecord) {
  const raw = message.value ?? Buffer.alloc(0);
  const traceparent = message.headers['traceparent'] ?? '';
  return {
    offset: message.offset,
    reason,
    detail,
    rawSha256: createHash('sha256').update(raw).digest('hex'),
    rawPrefix: raw.subarray(0, PREFIX_BYTES),
    // The header is as little to be trusted as the value: only what is one is kept.
    traceparent: TRACEPARENT.test(traceparent) ? traceparent : null,
  };
}
