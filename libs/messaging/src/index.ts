export { createEnsuredTopic } from './admin/ensured-topic';
export { createTopicAdmin } from './admin/topic-admin';
export { kafkaConfigSchema } from './connection/kafka-config';
export { createKafkaConnection, type KafkaConnection } from './connection/kafka-connection';
export { createBatchConsumer } from './consumer/batch-consumer';
export { kafkaErrorKind, MessagingError, PublishError } from './errors';
export type { IncomingChunk, IncomingMessage, OutgoingMessage } from './messages/message';
export type {
  BatchConsumer,
  BatchConsumerOptions,
  MessageProducer,
  PartitionOffsets,
  ProducerOptions,
  TopicAdmin,
} from './ports';
export { createProducer } from './producer/producer';
