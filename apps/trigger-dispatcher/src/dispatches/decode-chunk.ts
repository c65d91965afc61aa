import { createHash } from 'node:crypto';

import { decodeSignal, type DeadSignalReason } from '@tripline/contracts';
import type { Signal } from '@tripline/domain';
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

export interface DecodedChunk {
  readonly records: readonly DecodedRecord[];
  readonly dead: readonly UndecodableRecord[];
}

/** Splits a chunk into signals and dead records; nothing of it can throw, whatever the bytes. */
export function decodeChunk(messages: IncomingBatch['messages']): DecodedChunk {
  const records: DecodedRecord[] = [];
  const dead: UndecodableRecord[] = [];
  for (const message of messages) {
    const decoded = decodeSignal(message.value);
    if (decoded.ok) records.push({ message, signal: decoded.signal });
    else dead.push({ message, reason: decoded.reason, detail: decoded.detail });
  }
  return { records, dead };
}

const PREFIX_BYTES = 256;

/** What `dead_signals` keeps of a bad record: its digest and a bounded beginning, never all of it. */
export function describeDeadRecord({ message, reason, detail }: UndecodableRecord) {
  const raw = message.value ?? Buffer.alloc(0);
  return {
    offset: message.offset,
    reason,
    detail,
    rawSha256: createHash('sha256').update(raw).digest('hex'),
    rawPrefix: raw.subarray(0, PREFIX_BYTES),
    traceparent: message.headers['traceparent'] ?? null,
  };
}
