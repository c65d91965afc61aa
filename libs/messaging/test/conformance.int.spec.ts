import { testInfra } from '@tripline/testing';

import { createBatchConsumer, createKafkaConnection, createProducer, createTopicAdmin } from '../src/index';
import { describeMessaging } from './conformance';

jest.setTimeout(60_000);

describeMessaging('kafkajs', () => {
  const connection = createKafkaConnection({
    brokers: testInfra().kafkaBrokers,
    clientId: 'conformance',
    ssl: false,
    idempotent: true,
    topicManagement: true,
  });
  return {
    createProducer: (options) => createProducer(connection, options),
    createBatchConsumer: (options) => createBatchConsumer({ connection, ...options }),
    createTopicAdmin: () => createTopicAdmin(connection),
  };
});
