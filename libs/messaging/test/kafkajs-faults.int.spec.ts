import { execFileSync } from 'node:child_process';
import { connect as connectTcp, type Socket } from 'node:net';

import { eventually, testInfra, testProgram, uniqueName } from '@tripline/testing';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';

import { createBatchConsumer, createKafkaConnection, createProducer, createTopicAdmin } from '../src/index';
import { collector, createHarness } from './harness';

jest.setTimeout(60_000);

const brokers = testInfra().kafkaBrokers;
const config = { brokers, clientId: 'faults', ssl: false, idempotent: true, topicManagement: true } as const;
const connection = createKafkaConnection(config);
const harness = createHarness({
  createProducer: (options) => createProducer(connection, options),
  createBatchConsumer: (options) => createBatchConsumer({ connection, ...options }),
  createTopicAdmin: () => createTopicAdmin(connection),
});

beforeAll(() => harness.admin.start());
afterEach(() => harness.close());
afterAll(() => harness.admin.stop());

async function readAll(topic: string): Promise<string[]> {
  const read: string[] = [];
  await harness.admin.readAll(topic, ({ value }) => read.push(String(value)));
  return read;
}

describe('a lost acknowledgement', () => {
  /** A client that can stop reading from its sockets: the broker gets every request, the client gets no answer. */
  function deafConnection() {
    let isDeaf = false;
    const kafka = new Kafka({
      brokers: [...brokers],
      requestTimeout: 500,
      logLevel: logLevel.NOTHING,
      socketFactory: ({ host, port, onConnect }): Socket => {
        const socket = connectTcp({ host, port }, onConnect);
        const emit = socket.emit.bind(socket);
        socket.emit = (event: string, ...args: unknown[]) =>
          isDeaf && event === 'data' ? false : emit(event, ...args);
        return socket;
      },
    });
    return { connection: { ...connection, kafka }, setDeaf: (deaf: boolean) => void (isDeaf = deaf) };
  }

  it('does not make the broker treat the next send as a duplicate', async () => {
    const topic = await harness.topic(1);
    const { connection: deaf, setDeaf } = deafConnection();
    const producer = createProducer(deaf, { maxRetries: 1 });
    await producer.start();
    await producer.send(topic, [{ key: 'k', value: 'first' }]);
    setDeaf(true);
    await expect(producer.send(topic, [{ key: 'k', value: 'stored, not acknowledged' }])).rejects.toMatchObject({
      kind: 'timeout',
    });
    setDeaf(false);
    await producer.send(topic, [{ key: 'k', value: 'acknowledged' }]);
    await producer.stop();
    expect(await readAll(topic)).toEqual(['first', 'stored, not acknowledged', 'acknowledged']);
  });
});

describe('batches compressed by other producers', () => {
  const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
  const types = {
    gzip: CompressionTypes.GZIP,
    snappy: CompressionTypes.Snappy,
    lz4: CompressionTypes.LZ4,
    zstd: CompressionTypes.ZSTD,
  };
  const lines = Array.from({ length: 200 }, (_, index) => `value ${index} ${'x'.repeat(50)}`);
  const kcat = testProgram('kcat');

  async function expectConsumed(topic: string): Promise<void> {
    const { received, handler } = collector();
    const consumer = await harness.consumer({ topics: [topic], handler, groupId: uniqueName('codec') });
    await eventually(() => expect(received).toHaveLength(lines.length), { timeoutMs: 20_000 });
    expect(received.map(({ value }) => String(value))).toEqual(lines);
    expect(consumer.crashes).toEqual([]);
  }

  it.each(codecs)('reads %s in the framing of Java clients', async (codec) => {
    const topic = await harness.topic(1);
    const producer = connection.kafka.producer();
    await producer.connect();
    await producer.send({
      topic,
      compression: types[codec],
      messages: lines.map((value) => ({ key: 'k', value })),
    });
    await producer.disconnect();
    await expectConsumed(topic);
  });

  it.each(codecs)('continues after a %s bomb, whose record has no content', async (codec) => {
    // A topic an operator may have configured: our own topics accept less, so only smaller bombs of snappy and lz4.
    const topic = await harness.topic(1, 2 << 20);
    const producer = connection.kafka.producer();
    await producer.connect();
    const send = (value: string | Buffer, compression = CompressionTypes.None) =>
      producer.send({ topic, compression, messages: [{ key: 'k', value }] });
    await send('before');
    await send(Buffer.alloc(17 << 20), types[codec]);
    await send('after');
    await producer.disconnect();
    const { received, handler } = collector();
    const consumer = await harness.consumer({ topics: [topic], handler });
    await eventually(() => expect(received).toHaveLength(3), { timeoutMs: 20_000 });
    expect(received.map(({ offset, value, isOversized }) => [offset, value?.toString() ?? null, isOversized])).toEqual([
      [0n, 'before', false],
      [1n, null, true],
      [2n, 'after', false],
    ]);
    expect(consumer.crashes).toEqual([]);
    expect(consumer.progress()).toMatchObject([{ nextOffset: 3n, lag: 0 }]);
  });

  // librdkafka's framing; Debian's kcat has all four codecs.
  (kcat === undefined ? it.skip : it).each(codecs)('reads %s as librdkafka writes it', async (codec) => {
    const topic = await harness.topic(1);
    execFileSync(kcat ?? '', ['-b', brokers.join(','), '-P', '-t', topic, '-p', '0', '-z', codec], {
      input: lines.join('\n'),
    });
    await expectConsumed(topic);
  });
});
