import type { TopicContract } from '@tripline/contracts';
import type { Component } from '@tripline/runtime';

import type { KafkaConnection } from '../connection/kafka-connection';
import { createTopicAdmin } from './topic-admin';

export interface EnsuredTopicOptions {
  readonly connection: KafkaConnection;
  readonly contract: TopicContract;
  readonly partitions: number;
  readonly replicationFactor: number;
}

/** A start-up step: ensures that the topic exists with its partitions before anything uses it. */
export function createEnsuredTopic({ connection, contract, ...size }: EnsuredTopicOptions): Component {
  return {
    name: 'topic',
    async start() {
      const admin = createTopicAdmin(connection);
      await admin.start();
      try {
        await admin.ensureTopic(contract, size);
      } finally {
        await admin.stop();
      }
    },
    stop: () => Promise.resolve(),
  };
}
