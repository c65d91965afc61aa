import type { Kafka } from 'kafkajs';

import type { MessagingLogger } from '../messages/message';
import type { KafkaConfig } from './kafka-config';

/** What producer, consumer and admin are made from; opens no socket itself. */
export interface KafkaConnection {
  readonly config: KafkaConfig;
  readonly logger: MessagingLogger;
  /** For this library only. */
  readonly kafka: Kafka;
}

export function createKafkaConnection(
  config: KafkaConfig,
  options: { logger?: MessagingLogger } = {},
): KafkaConnection {
  throw new Error(`not built yet ${config.clientId} ${typeof options}`);
}
