import { toSignalMessage, TRADING_SIGNALS_TOPIC } from '@tripline/contracts';
import { createKafkaConnection, createTopicAdmin, kafkaConfigSchema } from '@tripline/messaging';
import { createDatabase, createDatabaseConfig } from '@tripline/database';
import { createTestDatabase } from '@tripline/migrations';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { createUserRepository } from '@tripline/user-store';
import { createLogger } from '@tripline/telemetry';
import { buildPipeline, buildSignal, eventually, testInfra, uniqueName } from '@tripline/testing';

import { loadConfig } from '../src/config';
import { createService } from '../src/service';

jest.setTimeout(60_000);

/** kafkajs codecs: the two whose bombs fit into a batch our topics accept. */
const GZIP = 1;
const ZSTD = 4;
/** Decompresses to more than the limit for a batch; compressed, it is smaller than the largest batch our topics accept. */
const BOMB = Buffer.alloc(17 << 20, ' ');

describe('a decompression bomb on the topic', () => {
  it('becomes a dead signal while the signals around it are decided', async () => {
    const infra = testInfra();
    const testDatabase = await createTestDatabase(infra.databaseUrl);
    const topic = uniqueName('bombs');
    const kafkaEnv = { KAFKA_BROKERS: infra.kafkaBrokers.join(',') };
    const connection = createKafkaConnection(kafkaConfigSchema.parse(kafkaEnv));
    const admin = createTopicAdmin(connection);
    await admin.start();
    await admin.ensureTopic({ ...TRADING_SIGNALS_TOPIC, name: topic }, { partitions: 1, replicationFactor: 1 });
    const database = createDatabase(createDatabaseConfig(testDatabase.url, { poolSize: 2 }));
    await database.start();
    const user = await createUserRepository(database).create({ email: 'a@example.test', passwordHash: 'x' });
    await createPipelineRepository(database).create({ userId: user.id, role: 'trader' }, buildPipeline());

    const fatal: string[] = [];
    const { lifecycle } = createService({
      config: loadConfig({
        ...kafkaEnv,
        KAFKA_TOPIC_SIGNALS: topic,
        KAFKA_TOPIC_PARTITIONS: '1',
        KAFKA_GROUP_ID: topic,
        REDIS_URL: infra.redisUrl,
        REDIS_PREFIX: `{${topic}}`,
        DATABASE_URL: testDatabase.url,
        DATABASE_POOL_SIZE: '3',
        METRICS_HOST: '127.0.0.1',
        METRICS_PORT: '0',
      }),
      logger: createLogger({ service: 'trigger-dispatcher', level: 'silent' }),
      onFatal: (reason) => fatal.push(reason),
    });
    await lifecycle.start();

    const producer = connection.kafka.producer();
    await producer.connect();
    const send = (value: string | Buffer, compression = 0) =>
      producer.send({ topic, compression, messages: [{ key: '^SPX', value }] });
    const signal = () => JSON.stringify(toSignalMessage(buildSignal()));
    await send(signal());
    await send(BOMB, GZIP);
    await send(signal());
    await send(BOMB, ZSTD);
    await send(signal());
    await producer.disconnect();

    await eventually(
      async () => {
        const [decided] = await database.query({ text: 'SELECT count(*)::int AS n FROM signal_matches' });
        const dead = await database.query({ text: 'SELECT off::int AS off, reason FROM dead_signals ORDER BY off' });
        expect({ decided, dead }).toEqual({
          decided: { n: 3 },
          dead: [
            { off: 1, reason: 'batch_too_large' },
            { off: 3, reason: 'batch_too_large' },
          ],
        });
        expect(await admin.groupLag(topic, topic)).toEqual([{ partition: 0, committed: 5n, lag: 0n }]);
      },
      { timeoutMs: 20_000 },
    );
    expect(fatal).toEqual([]);

    expect(await lifecycle.stop()).toEqual({ failed: [] });
    await admin.deleteTopic(topic);
    await Promise.all([admin.stop(), database.stop()]);
    await testDatabase.drop();
  });
});
