import type { KafkaMessage } from 'kafkajs';

import type { IncomingMessage } from './message';

/**
 * Converts the client's record to our shape. Fields that most records never need are decoded on access, because most signals
 * match nothing and their headers are never read.
 */
export function fromClientMessage(record: KafkaMessage): IncomingMessage {
  return new ClientMessage(record);
}

class ClientMessage implements IncomingMessage {
  constructor(private readonly record: KafkaMessage) {}

  get value(): Buffer | null {
    return this.record.value;
  }

  get key(): Buffer | null {
    return this.record.key;
  }

  get offset(): bigint {
    return BigInt(this.record.offset);
  }

  /** Header values as UTF-8; decoded again on every call. */
  get headers(): Readonly<Record<string, string>> {
    return decodeHeaders(this.record.headers);
  }

  get isOversized(): boolean {
    return 'isOversized' in this.record && this.record.isOversized === true;
  }

  get timestampMs(): number {
    return Number(this.record.timestamp);
  }
}

function decodeHeaders(headers: KafkaMessage['headers']): Record<string, string> {
  const decoded: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    // A header may be null, and one named __proto__ must not reach the prototype.
    if (last != null && name !== '__proto__') decoded[name] = last.toString();
  }
  return decoded;
}

/** A fully decoded message with its topic, partition and offset. */
export function withPartition(message: IncomingMessage, partition: number): IncomingMessage & { partition: number } {
  const { offset, key, value, headers, timestampMs, isOversized = false } = message;
  return { offset, key, value, headers, timestampMs, isOversized, partition };
}
