import type { KafkaConnection } from '../connection/kafka-connection';
import type { TopicAdmin } from '../ports';

export function createTopicAdmin(connection: KafkaConnection): TopicAdmin {
  throw new Error(`not built yet: ${connection.config.clientId}`);
}
