import { failpoint } from '@tripline/failpoints';
import { endsWithin } from '@tripline/runtime';
import { Partitioners, type Message, type Producer } from 'kafkajs';

import type { KafkaConnection } from '../connection/kafka-connection';
import { kafkaErrorKind, ProducerStoppedError, PublishError } from '../errors';
import type { OutgoingMessage } from '../messages/message';
import type { MessageProducer, ProducerOptions } from '../ports';
import { pinnedHeaders } from './pinned-headers';
import { SendQueue, type SendCall, type Slice } from './send-queue';

const KIB = 1024;
const DEFAULTS = {
  maxMessageBytes: 64 * KIB,
  maxRequestBytes: 512 * KIB,
  maxQueuedBytes: 32 * KIB * KIB,
  drainTimeoutMs: 10_000,
  maxRetries: 8,
};
const RETRY_DELAY = { initialRetryTime: 200, maxRetryTime: 1_000 };
/** How long the broker waits for its replicas, ms. */
const ACK_TIMEOUT_MS = 10_000;
const ACKS_ALL = -1;

/**
 * Creates the producer of a process: one queue, one request in flight, acknowledged by all in-sync replicas, with the Java
 * client's murmur2 partitioning. One per process is enough; a second would only compete for the broker.
 */
export function createProducer(connection: KafkaConnection, options: ProducerOptions = {}): MessageProducer {
  return new QueueingProducer(connection, options);
}

class QueueingProducer implements MessageProducer {
  readonly name = 'kafka-producer';
  readonly #connection: KafkaConnection;
  readonly #options: ProducerOptions;
  readonly #drainTimeoutMs: number;
  readonly #queue: SendQueue;
  #client: Producer | undefined;
  #pumping: Promise<void> | undefined;
  #state: 'new' | 'running' | 'stopped' = 'new';

  constructor(connection: KafkaConnection, options: ProducerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#drainTimeoutMs = options.drainTimeoutMs ?? DEFAULTS.drainTimeoutMs;
    this.#queue = new SendQueue({
      maxMessageBytes: options.maxMessageBytes ?? DEFAULTS.maxMessageBytes,
      maxRequestBytes: options.maxRequestBytes ?? DEFAULTS.maxRequestBytes,
      maxQueuedBytes: options.maxQueuedBytes ?? DEFAULTS.maxQueuedBytes,
    });
  }

  async start(): Promise<void> {
    if (this.#state === 'running') return;
    this.#client = await this.#connect();
    this.#state = 'running';
  }

  async stop(): Promise<void> {
    if (this.#state !== 'running') return;
    this.#state = 'stopped';
    await endsWithin(this.#pumping ?? Promise.resolve(), this.#drainTimeoutMs);
    this.#rejectQueued();
    await this.#client?.disconnect().catch(() => undefined);
    this.#client = undefined;
  }

  async send(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.#state !== 'running') throw new ProducerStoppedError();
    if (messages.length === 0) return;
    try {
      await new Promise<void>((resolve, reject) => {
        const call: SendCall = {
          topic,
          count: messages.length,
          startedAt: performance.now(),
          failed: false,
          slicesLeft: 0,
          resolve,
          reject,
        };
        this.#queue.add(call, messages);
        this.#pumping ??= this.#pump().finally(() => {
          this.#pumping = undefined;
        });
      });
    } catch (error) {
      quietly(() => this.#options.onPublishFailed?.({ topic, count: messages.length, error: kafkaErrorKind(error) }));
      throw error;
    }
  }

  async #pump(): Promise<void> {
    // Lets every send() of this event-loop turn join the first request.
    await Promise.resolve();
    while (!this.#queue.isEmpty) {
      const slices = this.#queue.takeJoined();
      if (slices.length === 0) continue;
      try {
        await this.#publish(slices);
        slices.forEach((slice) => this.#acknowledge(slice));
      } catch (error) {
        const failure = new PublishError(kafkaErrorKind(error), 'the broker did not acknowledge', { cause: error });
        for (const { call } of slices) {
          call.failed = true;
          call.reject(failure);
        }
        await this.#dropClient();
      }
    }
  }

  async #publish(slices: readonly Slice[]): Promise<void> {
    const client = (this.#client ??= await this.#connect());
    await client.send({
      topic: slices[0]?.call.topic ?? '',
      messages: slices.flatMap((slice) => slice.messages.map(toClientMessage)),
      acks: ACKS_ALL,
      timeout: ACK_TIMEOUT_MS,
    });
    await failpoint('after-publish');
  }

  #acknowledge({ call }: Slice): void {
    call.slicesLeft -= 1;
    if (call.slicesLeft > 0 || call.failed) return;
    const seconds = (performance.now() - call.startedAt) / 1000;
    quietly(() => this.#options.onPublished?.({ topic: call.topic, count: call.count, seconds }));
    call.resolve();
  }

  /**
   * A failed request may have been stored without our knowledge. kafkajs then rolls back its sequence numbers, so the next,
   * different request would carry numbers the broker has already seen: it would answer "duplicate" and store nothing, and we would
   * report success. A new client gets a new producer id, so nothing can be mistaken for a duplicate.
   */
  async #dropClient(): Promise<void> {
    const old = this.#client;
    this.#client = undefined;
    await old?.disconnect().catch(() => undefined);
  }

  async #connect(): Promise<Producer> {
    const { kafka, config } = this.#connection;
    const client = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      idempotent: config.idempotent,
      maxInFlightRequests: 1,
      retry: { ...RETRY_DELAY, retries: this.#options.maxRetries ?? DEFAULTS.maxRetries },
    });
    await client.connect();
    if (this.#state !== 'stopped') return client;
    await client.disconnect();
    throw new ProducerStoppedError();
  }

  #rejectQueued(): void {
    while (!this.#queue.isEmpty) {
      for (const { call } of this.#queue.takeJoined()) {
        call.failed = true;
        call.reject(new ProducerStoppedError());
      }
    }
  }
}

function toClientMessage(message: OutgoingMessage): Message {
  return {
    key: message.key,
    value: message.value,
    headers: pinnedHeaders(message.headers),
    ...(message.timestampMs === undefined ? {} : { timestamp: String(message.timestampMs) }),
  };
}

/** Telemetry callbacks must not break publishing. */
function quietly(report: () => void): void {
  try {
    report();
  } catch {
    // Recording failed; the messages themselves are fine.
  }
}
