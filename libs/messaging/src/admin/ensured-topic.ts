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

/** A step of a service's start: sees to it, before anything uses the topic, that it exists with its partitions. */
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
