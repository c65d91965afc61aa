import { MessageTooLargeError, SendQueueFullError } from '../errors';
import type { OutgoingMessage } from '../messages/message';

/** State of one `send()` call; the slices of a large call share it. */
export interface SendCall {
  readonly topic: string;
  readonly count: number;
  /** Monotonic ms. */
  readonly startedAt: number;
  /** Set by the first failing slice; the remaining ones are not sent. */
  failed: boolean;
  slicesLeft: number;
  resolve(): void;
  reject(error: Error): void;
}

export interface Slice {
  readonly call: SendCall;
  readonly messages: readonly OutgoingMessage[];
  readonly bytes: number;
}

export interface SendQueueLimits {
  readonly maxMessageBytes: number;
  readonly maxRequestBytes: number;
  readonly maxQueuedBytes: number;
}

/** Upper bound of what Kafka adds to a record: lengths, deltas, attributes. */
const RECORD_OVERHEAD_BYTES = 32;

/** Bytes of a message on the wire, rounded up. */
export function messageBytes(message: OutgoingMessage): number {
  let bytes = RECORD_OVERHEAD_BYTES + Buffer.byteLength(message.key) + Buffer.byteLength(message.value);
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value) + 4;
  }
  return bytes;
}

/**
 * The bounded queue between `send()` calls and the one request in flight. During a request, calls pile up here, and the next
 * request takes as many of one topic as fit; topics alternate. Topics are never mixed, so a rejected topic fails only its own
 * calls.
 */
export class SendQueue {
  readonly #limits: SendQueueLimits;
  readonly #byTopic = new Map<string, Slice[]>();
  #bytes = 0;

  constructor(limits: SendQueueLimits) {
    this.#limits = limits;
  }

  get queuedBytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#byTopic.size === 0;
  }

  /** Adds a call. @throws MessageTooLargeError | SendQueueFullError before any of it is queued */
  add(call: SendCall, messages: readonly OutgoingMessage[]): void {
    const slices = this.#cut(call, messages);
    const bytes = slices.reduce((sum, slice) => sum + slice.bytes, 0);
    // A call larger than the whole queue may pass when the queue is empty; otherwise it could never be sent.
    if (this.#bytes > 0 && this.#bytes + bytes > this.#limits.maxQueuedBytes) {
      throw new SendQueueFullError(this.#bytes, this.#limits.maxQueuedBytes);
    }
    call.slicesLeft = slices.length;
    this.#bytes += bytes;
    const waiting = this.#byTopic.get(call.topic);
    if (waiting === undefined) this.#byTopic.set(call.topic, slices);
    else waiting.push(...slices);
  }

  /** Takes the slices of the next request: all of one topic, in order, at most `maxRequestBytes` unless one slice is larger. */
  takeJoined(): Slice[] {
    for (const [topic, waiting] of this.#byTopic) {
      const taken: Slice[] = [];
      let bytes = 0;
      let next = 0;
      for (; next < waiting.length; next += 1) {
        const slice = waiting[next];
        if (slice === undefined) break;
        if (!slice.call.failed) {
          if (taken.length > 0 && bytes + slice.bytes > this.#limits.maxRequestBytes) break;
          taken.push(slice);
          bytes += slice.bytes;
        }
        this.#bytes -= slice.bytes;
      }
      this.#byTopic.delete(topic);
      if (next < waiting.length) this.#byTopic.set(topic, waiting.slice(next));
      if (taken.length > 0) return taken;
    }
    return [];
  }

  #cut(call: SendCall, messages: readonly OutgoingMessage[]): Slice[] {
    const slices: Slice[] = [];
    let from = 0;
    let bytes = 0;
    for (const [index, message] of messages.entries()) {
      const size = messageBytes(message);
      if (size > this.#limits.maxMessageBytes) {
        throw new MessageTooLargeError(call.topic, size, this.#limits.maxMessageBytes);
      }
      if (index > from && bytes + size > this.#limits.maxRequestBytes) {
        slices.push({ call, messages: messages.slice(from, index), bytes });
        from = index;
        bytes = 0;
      }
      bytes += size;
    }
    slices.push({ call, messages: from === 0 ? messages : messages.slice(from), bytes });
    return slices;
  }
}
