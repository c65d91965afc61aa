/** Closed list of reasons a Kafka operation failed; the label values of `kafka_publish_failure_total{error}`. */
export const KAFKA_ERROR_KINDS = [
  'authentication',
  'connection',
  'not_leader',
  'other',
  'queue_full',
  'stopped',
  'timeout',
  'too_large',
  'unknown_topic',
] as const;
export type KafkaErrorKind = (typeof KAFKA_ERROR_KINDS)[number];

/** An error of this library. Callers decide by `kind`, never by the text. */
export class MessagingError extends Error {
  readonly kind: KafkaErrorKind;

  constructor(kind: KafkaErrorKind, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = new.target.name;
    this.kind = kind;
  }
}

/** Rejected before any I/O: one message is larger than the producer's limit. */
export class MessageTooLargeError extends MessagingError {
  constructor(topic: string, bytes: number, limit: number) {
    super('too_large', `a message for topic ${topic} has ${bytes} bytes; the limit is ${limit}`);
  }
}

/** Rejected before any I/O: too many bytes wait for the broker; slow down and try again. */
export class SendQueueFullError extends MessagingError {
  constructor(queuedBytes: number, limit: number) {
    super('queue_full', `${queuedBytes} bytes wait to be published; the limit is ${limit}`);
  }
}

/** The producer is stopped or stopping. */
export class ProducerStoppedError extends MessagingError {
  constructor() {
    super('stopped', 'the producer is stopped');
  }
}

/** The broker did not acknowledge; whether it stored the messages is unknown. */
export class PublishError extends MessagingError {}

/** Thrown by a handler that abandons a chunk, e.g. because the consumer is stopping. */
export class BatchAbandonedError extends Error {
  constructor(message = 'the chunk was abandoned') {
    super(message);
    this.name = 'BatchAbandonedError';
  }
}

/** The consumer died or hangs and will not recover in this process. */
export class ConsumerCrashError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'ConsumerCrashError';
  }
}

const KIND_BY_TYPE: Readonly<Record<string, KafkaErrorKind>> = {
  MESSAGE_TOO_LARGE: 'too_large',
  RECORD_LIST_TOO_LARGE: 'too_large',
  UNKNOWN_TOPIC_OR_PARTITION: 'unknown_topic',
  NOT_LEADER_FOR_PARTITION: 'not_leader',
  LEADER_NOT_AVAILABLE: 'not_leader',
  REQUEST_TIMED_OUT: 'timeout',
  SASL_AUTHENTICATION_FAILED: 'authentication',
  TOPIC_AUTHORIZATION_FAILED: 'authentication',
  CLUSTER_AUTHORIZATION_FAILED: 'authentication',
};
const KIND_BY_NAME: Readonly<Record<string, KafkaErrorKind>> = {
  KafkaJSRequestTimeoutError: 'timeout',
  KafkaJSConnectionError: 'connection',
  KafkaJSConnectionClosedError: 'connection',
  KafkaJSBrokerNotFound: 'connection',
  KafkaJSNoBrokerAvailableError: 'connection',
  KafkaJSSASLAuthenticationError: 'authentication',
  KafkaJSTopicMetadataNotLoaded: 'unknown_topic',
  KafkaJSMetadataNotLoaded: 'unknown_topic',
};

/** Classifies a client error into the closed list, following its chain of causes. */
export function kafkaErrorKind(error: unknown): KafkaErrorKind {
  for (let current = error, depth = 0; current instanceof Error && depth < 8; depth += 1) {
    if (current instanceof MessagingError) return current.kind;
    const type = 'type' in current && typeof current.type === 'string' ? current.type : '';
    const kind = KIND_BY_TYPE[type] ?? KIND_BY_NAME[current.name];
    if (kind !== undefined) return kind;
    current = current.cause;
  }
  return 'other';
}
