export { createEnsuredTopic, type EnsuredTopicOptions } from './admin/ensured-topic';
export { createTopicAdmin } from './admin/topic-admin';
export { registerCodecs } from './codecs/register-codecs';
export { kafkaConfigSchema, type KafkaConfig, type KafkaSasl, type KafkaTls } from './connection/kafka-config';
export { createKafkaConnection, type KafkaConnection } from './connection/kafka-connection';
export { createBatchConsumer } from './consumer/batch-consumer';
export { nextOffset } from './consumer/offsets';
export {
  BatchAbandonedError,
  ConsumerCrashError,
  KAFKA_ERROR_KINDS,
  kafkaErrorKind,
  MessageTooLargeError,
  MessagingError,
  ProducerStoppedError,
  PublishError,
  SendQueueFullError,
  type KafkaErrorKind,
} from './errors';
export type {
  IncomingChunk,
  IncomingMessage,
  MessagingLogger,
  OutgoingMessage,
  PartitionProgress,
} from './messages/message';
export type {
  BatchConsumer,
  BatchConsumerOptions,
  BatchStart,
  ConsumerLimits,
  GroupLag,
  MessageProducer,
  PartitionOffset,
  PartitionOffsets,
  ProducerOptions,
  PublishedEvent,
  PublishFailedEvent,
  ReadRangeOptions,
  TopicAdmin,
} from './ports';
export { createProducer } from './producer/producer';
