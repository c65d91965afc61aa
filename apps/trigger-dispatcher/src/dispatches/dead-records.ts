import { createHash } from 'node:crypto';

import type { DeadSignalReason } from '@tripline/contracts';
import type { IncomingMessage } from '@tripline/messaging';

/** A record that is not a valid signal, with the reason. */
export interface UndecodableRecord {
  readonly message: IncomingMessage;
  readonly reason: DeadSignalReason;
  readonly detail: string;
}

const PREFIX_BYTES = 256;
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** What `dead_signals` keeps of a bad record: its digest and its first bytes, never the whole record. */
export function describeDeadRecord({ message, reason, detail }: UndecodableRecord) {
  const raw = message.value ?? Buffer.alloc(0);
  const traceparent = message.headers['traceparent'] ?? '';
  return {
    offset: message.offset,
    reason,
    detail,
    rawSha256: createHash('sha256').update(raw).digest('hex'),
    rawPrefix: raw.subarray(0, PREFIX_BYTES),
    // The header is as untrusted as the value: keep it only when it is valid.
    traceparent: TRACEPARENT.test(traceparent) ? traceparent : null,
  };
}
