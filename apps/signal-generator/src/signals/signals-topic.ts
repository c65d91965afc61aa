import { TRADING_SIGNALS_TOPIC } from '@tripline/contracts';
import { createTopicAdmin, type KafkaConnection } from '@tripline/messaging';
import type { Component } from '@tripline/runtime';

/** Sees to it, before anything reads it, that the topic exists with its partitions; never left to first use. */
export function createSignalsTopic(options: {
  readonly connection: KafkaConnection;
  readonly topic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
}): Component {
  return {
    name: 'signals-topic',
    async start() {
      const admin = createTopicAdmin(options.connection);
      await admin.start();
      try {
        await admin.ensureTopic({ ...TRADING_SIGNALS_TOPIC, name: options.topic }, options);
      } finally {
        await admin.stop();
      }
    },
    stop: () => Promise.resolve(),
  };
}
