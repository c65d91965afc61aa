import type { KafkaConnection } from '../connection/kafka-connection';
import type { MessageProducer, ProducerOptions } from '../ports';

export function createProducer(connection: KafkaConnection, options: ProducerOptions = {}): MessageProducer {
  throw new Error(`not built yet: ${connection.config.clientId} ${JSON.stringify(options)}`);
}
