import { createTopicAdmin, type KafkaConnection } from '@tripline/messaging';

/** Asks the broker for the end offset of a partition. Opens its own connection each time, because it is rarely needed. */
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
