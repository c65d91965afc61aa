import type { KafkaMessage } from 'kafkajs';

import type { IncomingMessage } from './message';

/** The client's record in our shape; header values are decoded as UTF-8. */
export function fromClientMessage(record: KafkaMessage): IncomingMessage {
  return {
    offset: BigInt(record.offset),
    key: record.key,
    value: record.value,
    headers: decodeHeaders(record.headers),
    timestampMs: Number(record.timestamp),
  };
}

function decodeHeaders(headers: KafkaMessage['headers']): Record<string, string> {
  const decoded: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    // A header called __proto__ must not reach the prototype.
    if (last !== undefined && name !== '__proto__') decoded[name] = last.toString();
  }
  return decoded;
}
