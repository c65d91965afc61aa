import type { KafkaConnection } from '../connection/kafka-connection';
import type { BatchConsumer, BatchConsumerOptions } from '../ports';

export function createBatchConsumer(options: BatchConsumerOptions & { connection: KafkaConnection }): BatchConsumer {
  throw new Error(`not built yet: ${options.groupId}`);
}
