import { createTopicAdmin, type KafkaConnection } from '@tripline/messaging';

/** Asks the broker where a partition's log ends; over a connection of its own, for it is hardly ever asked. */
export function createLogEnd(connection: KafkaConnection): (topic: string, partition: number) => Promise<bigint> {
  return async (topic, partition) => {
    const admin = createTopicAdmin(connection);
    await admin.start();
    try {
      const offsets = await admin.offsets(topic);
      const found = offsets.find((entry) => entry.partition === partition);
      if (found === undefined) throw new Error(`topic ${topic} has no partition ${partition}`);
      return found.high;
    } finally {
      await admin.stop();
    }
  };
}
